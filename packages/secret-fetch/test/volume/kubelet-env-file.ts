/**
 * The kubelet's reader of env files, line by line as in kubernetes/pkg/kubelet/util/env/env_util.go (1.36), and what
 * kubelet_pods.go makes of its answer. `e2e` runs the kubelet itself.
 */

/** `bufio.MaxScanTokenSize`: a longer line ends the scanner. */
const MAX_TOKEN = 65_536;

/** @returns undefined for a var that the kubelet takes for one that is not there; throws where it refuses the file */
export function readByKubelet(file: string, key: string): string | undefined {
  const value = parseEnv(scanLines(file), key);
  return value === "" ? undefined : value;
}

/** `bufio.ScanLines`: lines without their end, a carriage return at the end taken away. */
function* scanLines(file: string): Generator<string, "end" | "too long"> {
  let rest = file;
  while (rest !== "") {
    const end = rest.indexOf("\n");
    const line = end === -1 ? rest : rest.slice(0, end);
    if (Buffer.byteLength(line) + 1 > MAX_TOKEN) return "too long";
    yield line.replace(/\r$/, "");
    rest = end === -1 ? "" : rest.slice(end + 1);
  }
  return "end";
}

function parseEnv(scanner: Iterator<string, string>, key: string): string {
  for (let next = scanner.next(); ; next = scanner.next()) {
    if (next.done === true) {
      if (next.value === "too long") throw new Error("token too long");
      return "";
    }
    const line = next.value.replace(/^[ \t]+/, "");
    if (line === "" || line.startsWith("#")) continue;
    const equals = line.indexOf("=");
    if (equals === -1) throw new Error("missing '='");
    const name = line.slice(0, equals);
    if (name === "" || /[ \t]$/.test(name)) throw new Error("bad name");
    const assigned = line.slice(equals + 1);
    if (/^[ \t]/.test(assigned)) {
      if (name === key) return "";
      continue;
    }
    const value = quotedValue(assigned, scanner);
    if (name === key) return value;
  }
}

function quotedValue(assigned: string, scanner: Iterator<string, string>): string {
  if (!assigned.startsWith("'")) throw new Error("no quote");
  let value = "";
  for (let rest = assigned.slice(1); ;) {
    const closing = rest.indexOf("'");
    if (closing !== -1) {
      const after = rest.slice(closing + 1).replace(/^[ \t]+/, "");
      if (after !== "" && !after.startsWith("#")) throw new Error("content after the quote");
      return value + rest.slice(0, closing);
    }
    value += `${rest}\n`;
    const next = scanner.next();
    if (next.done === true) throw new Error("unclosed quote");
    rest = next.value;
  }
}
