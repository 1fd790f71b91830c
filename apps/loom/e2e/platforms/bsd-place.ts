import { spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/**
 * A `ps` that answers as that of macOS, from a copy of the real `/proc`; written from the manual and from memory, not
 * beside a Mac. It knows no other options than those, and shows no environment of the system's own programs, as macOS
 * does not.
 */
function bsdPs(proc: string): string {
  return `#!/usr/bin/perl
use strict; use POSIX (); use Getopt::Long ();
Getopt::Long::Configure('bundling', 'no_ignore_case');
my (@columns, $one, %flag);
Getopt::Long::GetOptions('o=s' => sub { push @columns, split /,/, $_[1] }, 'p=i' => \\$one,
  map { my $name = $_; ($name => sub { $flag{$name} = 1 }) } qw(A a x w E)) or exit 1;
exit 1 if @ARGV;
sub slurp { open(my $file, '<', $_[0]) or return ''; local $/; my $text = <$file>; return $text // '' }
my ($boot) = slurp('${proc}/stat') =~ /^btime (\\d+)/m;
my $found = 0;
for my $pid (sort { $a <=> $b } map { m{/(\\d+)$} ? $1 : () } glob('${proc}/[0-9]*')) {
  next if defined $one && $one != $pid;
  my $stat = slurp("${proc}/$pid/stat");
  my ($name, $rest) = $stat =~ /^\\d+ \\((.*)\\) (.*)$/s or next;
  my @f = split / /, $rest;
  my $command = join ' ', split /\\0/, slurp("${proc}/$pid/cmdline");
  $command = "($name)" if $command eq '' || $f[0] eq 'Z';
  my $exe = readlink("${proc}/$pid/exe") // '';
  $command .= join '', map { " $_" } split /\\0/, slurp("${proc}/$pid/environ")
    if $flag{E} && $f[0] ne 'Z' && $exe !~ m{^/(?:usr/)?s?bin/};
  $command =~ s/([^[:print:]])/sprintf '\\\\%03o', ord $1/ge;
  my %value = (pid => $pid, ppid => $f[1], pgid => $f[2], tpgid => $f[5] < 0 ? 0 : $f[5], stat => "$f[0]s", command => $command,
    lstart => POSIX::strftime('%a %b %e %H:%M:%S %Y', gmtime($boot + int($f[19] / 100))));
  my @cells = map { my $key = s/=$//r; exit 1 unless exists $value{$key}; $key eq 'lstart' ? sprintf('%-28s', $value{$key}) : $key eq 'command' ? $value{$key} : sprintf('%5s', $value{$key}) } @columns;
  print join(' ', @cells), "\\n";
  $found = 1;
}
exit !$found;
`;
}

/** A `sysctl` that knows the one name that Loom asks macOS for. */
function bsdSysctl(proc: string): string {
  return `#!/bin/sh
test "$*" = "-n kern.bootsessionuuid" && exec cat ${proc}/sys/kernel/random/boot_id
exit 1
`;
}

/** Hides what only Linux has, puts programs of macOS in the place of its own, and becomes the program of the arguments. */
function script(folder: string): string {
  return `set -e
mount --bind /proc "${folder}/proc"
for tool in ps sysctl; do
  for place in /bin /usr/bin /sbin /usr/sbin; do
    if test -e "$place/$tool"; then mount --bind "${folder}/$tool" "$place/$tool"; fi
  done
done
mount -t tmpfs -o ro none /dev/shm
mount -t tmpfs none /sys
mount -t tmpfs none /proc
exec "$@"
`;
}

/** A place on Linux without `/proc`, control groups and a file system in memory that can be written to. */
export interface BsdPlace {
  /** Becomes the program of the arguments that follow, in that place. */
  readonly by: readonly [string, ...string[]];
  remove(): void;
}

/**
 * Makes such a place. Nothing of the machine is changed: it is for the programs that are started in it.
 *
 * @param mayAsk - Whether `ps` and `sysctl` may be run; a sandbox of macOS may forbid it. Default: true.
 */
export function makeBsdPlace({ mayAsk = true }: { readonly mayAsk?: boolean } = {}): BsdPlace {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "loom-bsd-")));
  mkdirSync(join(folder, "proc"));
  const put = (name: string, text: string): void => {
    writeFileSync(join(folder, name), text);
    chmodSync(join(folder, name), mayAsk || name === "enter" ? 0o755 : 0o644);
  };
  put("ps", bsdPs(join(folder, "proc")));
  put("sysctl", bsdSysctl(join(folder, "proc")));
  put("enter", script(folder));
  return {
    by: ["unshare", "--mount", "--propagation", "private", "sh", join(folder, "enter")],
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

/** Why there can be no such place here, if so. */
export function whyNoBsdPlace(): string | undefined {
  if (process.platform !== "linux" || process.getuid?.() !== 0) return "needs root on Linux, to hide /proc";
  const place = makeBsdPlace();
  try {
    const [program, ...args] = place.by;
    const works = spawnSync(program, [...args, "sh", "-c", "test ! -e /proc/self && ps -o pid= -p $$"]);
    return works.status === 0 ? undefined : "needs unshare, mount and perl, and the right to mount";
  } finally {
    place.remove();
  }
}
