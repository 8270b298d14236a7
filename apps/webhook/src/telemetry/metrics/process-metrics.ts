/** The process: memory, CPU, and how busy its one thread is. */
import { readdirSync } from "node:fs";

import { counter, gauge, type Registers } from "./metric-kinds.ts";

/** Under the names that Prometheus client libraries give them. */
export function registerProcess(registers: Registers): void {
  const started = Date.now() / 1000 - process.uptime();
  gauge("process_start_time_seconds", "When the process started, in seconds since 1970.", () => started, registers);
  gauge("process_resident_memory_bytes", "Resident memory.", () => process.memoryUsage.rss(), registers);
  gauge("process_open_fds", "Open file descriptors; 0 where the system does not tell.", openFiles, registers);
  gauge("nodejs_heap_size_used_bytes", "JavaScript heap in use.", () => process.memoryUsage().heapUsed, registers);
  counter("process_cpu_seconds_total", "CPU time of user and system.", cpuSeconds, registers);
  counter(
    "nodejs_eventloop_active_seconds_total",
    "Time in which the thread that answers admissions was at work. Its rate is its utilization: 1 is all that there is.",
    // Counted by the event loop itself; a sampled delay would need a timer that never rests.
    () => performance.eventLoopUtilization().active / 1000,
    registers,
  );
}

function cpuSeconds(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}

function openFiles(): number {
  try {
    return readdirSync("/proc/self/fd").length;
  } catch {
    return 0;
  }
}
