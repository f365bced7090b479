export { serviceController } from "./reconcile.ts";
