/* To be loaded first into a program: its clock is ahead by CLOCK_AHEAD_MS. */

const aheadMs = Number(process.env["CLOCK_AHEAD_MS"] ?? 0);
const RealDate = Date;

globalThis.Date = new Proxy(RealDate, {
  construct: (target, args, newTarget) =>
    Reflect.construct(target, args.length === 0 ? [RealDate.now() + aheadMs] : args, newTarget),
  get: (target, name, receiver) =>
    name === "now" ? () => RealDate.now() + aheadMs : Reflect.get(target, name, receiver),
});

Object.defineProperty(performance, "timeOrigin", { value: performance.timeOrigin + aheadMs });
