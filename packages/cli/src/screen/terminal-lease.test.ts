import { expect, test } from "vitest";
import { FakeKeyboard, FakeTerminal } from "../../test/fake-terminal.ts";
import { Presenter } from "../terminal/presenter.ts";
import { TerminalLease } from "./terminal-lease.ts";

function textOf(chunk: Uint8Array | string): string {
  return Buffer.from(chunk).toString();
}

interface Arranged {
  readonly lease: TerminalLease;
  readonly stdin: FakeKeyboard;
  readonly stdout: FakeTerminal;
  readonly said: string[];
}

function arrange(): Arranged {
  const said: string[] = [];
  const stdin = new FakeKeyboard();
  const stdout = new FakeTerminal(80, 24);
  const target = {
    write: (text: string, done: (gone: boolean) => void) => {
      said.push(text);
      done(false);
    },
    writeNow: (text: string) => void said.push(text),
  };
  const lease = new TerminalLease({
    stdin,
    stdout,
    presenter: new Presenter(target, { columns: 80, rows: 24 }),
    enterSequence: () => "<enter>",
    leaveSequence: () => "<leave>",
    onData: (chunk) => said.push(`screen ${textOf(chunk)}`),
    onResize: () => said.push("resize"),
  });
  return { lease, stdin, stdout, said };
}

test("close() after take() restores the terminal, and closing again does nothing", () => {
  const { lease, stdin, stdout, said } = arrange();
  lease.take();
  stdin.press("a");
  stdout.resize(100, 30);
  expect({ kind: lease.kind, raw: stdin.raw, flowing: stdin.flowing }).toEqual({
    kind: "screen",
    raw: true,
    flowing: true,
  });
  lease.close();
  lease.close();
  stdin.press("b");
  stdout.resize(80, 24);
  expect({ kind: lease.kind, raw: stdin.raw, flowing: stdin.flowing, listeners: stdout.listeners }).toEqual({
    kind: "closed",
    raw: false,
    flowing: false,
    listeners: 0,
  });
  expect(said).toEqual(["<enter>", "screen a", "resize", "<leave>"]);
});

test("lend() gives the terminal to another program until it is taken again", () => {
  const { lease, stdin, said } = arrange();
  lease.take();
  lease.lend();
  stdin.press("a");
  expect({ kind: lease.kind, raw: stdin.raw }).toEqual({ kind: "lent", raw: false });
  lease.take();
  stdin.press("b");
  expect(said).toEqual(["<enter>", "<leave>", "<enter>", "screen b"]);
});

test("stream() receives keys without a screen, until take() or close()", () => {
  const { lease, stdin, said } = arrange();
  const onKey = (chunk: Uint8Array | string): void => void said.push(`stream ${textOf(chunk)}`);
  lease.take();
  lease.stream(onKey);
  stdin.press("a");
  expect({ kind: lease.kind, raw: stdin.raw }).toEqual({ kind: "stream", raw: true });
  lease.take();
  stdin.press("b");
  lease.stream(onKey);
  lease.close();
  stdin.press("c");
  expect({ raw: stdin.raw, flowing: stdin.flowing }).toEqual({ raw: false, flowing: false });
  expect(said).toEqual(["<enter>", "<leave>", "stream a", "<enter>", "screen b", "<leave>"]);
});
