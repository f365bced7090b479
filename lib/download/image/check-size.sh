#!/aim-downloader
An entry of the image: the program gets the path of this file before the arguments.
