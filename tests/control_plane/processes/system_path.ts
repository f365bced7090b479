/** Where the system's own programs are found, such as `sh`, also by who has nothing but Node in `PATH`. */

const own = Deno.env.get("PATH") ?? "";

/** The `PATH` of this process, and behind it the folders that every system has. */
export const systemPath = [own, "/usr/local/bin", "/usr/bin", "/bin"].filter((part) => part !== "").join(":");
