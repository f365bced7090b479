/**
 * Leaves loopback out of the proxies of the environment, here and in what is started from here. Go's programs do so by
 * themselves; Deno does not, and reads the variables when it sends its first request, so whoever starts servers on
 * loopback imports this file.
 */

const { HTTPS_PROXY, https_proxy, HTTP_PROXY, http_proxy, ALL_PROXY, all_proxy, NO_PROXY, no_proxy } = Deno
  .env.toObject();

if (HTTPS_PROXY || https_proxy || HTTP_PROXY || http_proxy || ALL_PROXY || all_proxy) {
  const direct = [NO_PROXY || no_proxy, "localhost", "127.0.0.0/8", "127.0.0.1", "::1"].filter(Boolean).join(
    ",",
  );
  for (const name of ["NO_PROXY", "no_proxy"]) Deno.env.set(name, direct);
}
