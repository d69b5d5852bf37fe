import { styleText } from "node:util";

const WIDTH = 32;

export interface Progress {
  update(done: number, note?: string): void;
  /** Leaves the last state on its line. */
  end(note?: string): void;
}

/** A bar on a terminal; elsewhere one plain line for each quarter. */
export function progress(label: string, total: number, out: NodeJS.WriteStream = process.stdout): Progress {
  return out.isTTY ? bar(label, total, out) : lines(label, total, out);
}

function bar(label: string, total: number, out: NodeJS.WriteStream): Progress {
  let at = 0;
  const draw = (note: string): void => {
    const filled = total === 0 ? WIDTH : Math.round((at / total) * WIDTH);
    const drawn = styleText("cyan", "█".repeat(filled)) + styleText("gray", "░".repeat(WIDTH - filled));
    out.write(`\r\u001b[2K  ${label.padEnd(20)} ${drawn} ${at}/${total}${note === "" ? "" : `  ${note}`}`);
  };
  draw("");
  return {
    update(done, note = "") {
      at = done;
      draw(note);
    },
    end(note = "") {
      draw(note);
      out.write("\n");
    },
  };
}

function lines(label: string, total: number, out: NodeJS.WritableStream): Progress {
  let at = 0;
  let quarter = 0;
  return {
    update(done) {
      at = done;
      const reached = total === 0 ? 4 : Math.floor((done / total) * 4);
      if (reached > quarter && reached < 4) out.write(`  ${label}: ${done} of ${total}\n`);
      quarter = Math.max(quarter, reached);
    },
    end(note = "") {
      out.write(`  ${label}: ${at} of ${total}${note === "" ? "" : `, ${note}`}\n`);
    },
  };
}
