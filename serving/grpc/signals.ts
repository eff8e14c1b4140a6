/**
 * SIGTERM and SIGINT let the calls under way end, then end the process. So does the end of the
 * process that has started this one with a channel.
 */
export function closeOnSignals({ close }: { close(): Promise<void> }): void {
  const stop = async () => {
    await close();
    // A model that still loads is not waited for.
    process.exit();
  };
  for (const end of ["SIGINT", "SIGTERM", "disconnect"]) process.once(end, () => void stop());
}
