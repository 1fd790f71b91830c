/**
 * What a launcher runs: a loop in Perl that starts one process after the other.
 *
 * Messages of both directions are in `Launcher`. The program stays as small as it can be, because its memory is what a
 * fork costs. A process that it starts gets none of its files but the three that are meant (`$^F`).
 */
export const LAUNCHER_PROGRAM = String.raw`
use strict;
use POSIX ();

sub message {
  my $got = read STDIN, my $size, 4;
  exit if !$got || $got < 4;
  read STDIN, my $text, unpack "N", $size;
  return unpack "(N/a*)*", $text;
}

sub answer { defined syswrite STDOUT, "@_\n" or exit }

# In the process to be: what went wrong goes to the launcher, which waits for it or for exec.
sub become {
  my ($report, $null, $stdout, $stderr, $group, $folder, $program, $variables, @rest) = @_;
  POSIX::setsid();
  if ($group ne "" and sysopen my $members, $group, POSIX::O_WRONLY()) {
    syswrite $members, "0";
    close $members;
  }
  POSIX::dup2(fileno $null, 0);
  POSIX::dup2(fileno $stdout, 1);
  POSIX::dup2(fileno $stderr, 2);
  if (chdir $folder) {
    while ($variables-- > 0) {
      my $name = shift @rest;
      $ENV{$name} = shift @rest;
    }
    no warnings;
    exec { $program } $program, @rest;
  }
  syswrite $report, $! + 0;
  POSIX::_exit(127);
}

sub start {
  my ($null, $out, $err, @process) = @_;
  sysopen my $stdout, $out, POSIX::O_WRONLY() or return "unable", $! + 0;
  sysopen my $stderr, $err, POSIX::O_WRONLY() or return "unable", $! + 0;
  pipe my $trouble, my $report or return "unable", $! + 0;
  my $pid = fork;
  return "unable", $! + 0 if !defined $pid;
  become($report, $null, $stdout, $stderr, @process) if $pid == 0;
  close $report;
  my $errno = "";
  sysread $trouble, $errno, 16;
  return "started", $pid if $errno eq "";
  waitpid $pid, 0;
  return "failed", $errno;
}

binmode STDIN;
open my $null, "<", "/dev/null" or exit 1;
%ENV = message();
answer("ready", 0);
while (1) {
  my ($what, $which) = start($null, message());
  answer($what, $which);
  next if $what ne "started";
  waitpid $which, 0;
  answer("ended", $?);
}
`;
