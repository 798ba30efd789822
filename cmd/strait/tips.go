package main

import (
	"fmt"
	"strings"
)

// tipTexts are what --tips chooses from; the index is the tip's ID.
func tipTexts() []string {
	return []string{
		"-f follows the children of a program; with -ff -o FILE each process has a file of its own, FILE.PID.",
		"-y shows the path behind every file descriptor, -yy the addresses of sockets too.",
		"-e trace=%file shows only calls that take a file name; see %desc, %net, %process and %memory as well.",
		"-z leaves out calls that fail, -Z those that succeed; -e status=ENOENT leaves all but one error.",
		"-c counts calls instead of printing them; -C does both; -w counts waiting time too.",
		"-c -S errors sorts by the number of failures, -U chooses columns: -U name,calls,p50,p99.",
		"-T prints how long each call took; --slower-than=10ms leaves only the slow ones.",
		"-P PATH shows only calls that touch PATH, whether by its name or by a descriptor.",
		"-k prints the call stack behind each call, -kk with source lines.",
		"-p takes several process IDs at once: -p \"$(pidof nginx)\".",
		"-e inject=openat:error=ENOSPC:when=3 lets the third openat of each process fail.",
		"-e inject=connect:delay_enter=200ms makes a network slow.",
		"-e inject=SET:...:if=CONDITION tampers only with calls that meet a condition.",
		"--seccomp-bpf -f -e trace=... lets all other calls run at full speed.",
		"-e signal=none does without signals, -e trace=none without calls.",
		"-b execve detaches from children as soon as they run another program.",
		"-o '|COMMAND' pipes the trace through COMMAND and leaves standard error alone.",
		"--json prints an object for each event, with numbers as numbers and byte strings whole.",
		"--tree prints, at the end, who started whom, and how each process ended.",
		"-D keeps PROG the child of the shell that started it: the tracer becomes its grandchild.",
		"-e 'trace=!futex,clock_nanosleep' shows everything but; quote the exclamation mark.",
		"-e trace=/^recv shows all calls whose names begin with recv.",
		"-s 0 hides the contents of strings, -s 4096 shows much of them; file names are never cut.",
		"-e read=3 dumps, in hexadecimal, whatever is read from descriptor 3.",
		"-X raw prints numbers where names of constants would be, -X verbose both.",
	}
}

// tipText returns the tip that the options ask for, or nothing. random chooses
// among n of them.
func tipText(style tipStyle, random func(n int) int) string {
	if style.format == tipNone {
		return ""
	}
	texts := tipTexts()
	id := style.id
	if id < 0 {
		id = random(len(texts))
	}
	id %= len(texts)
	lines := wrap(texts[id], 60)
	if style.format == tipCompact {
		return fmt.Sprintf("Tip %d: %s\n", id, strings.Join(lines, "\n"+strings.Repeat(" ", len(fmt.Sprintf("Tip %d: ", id)))))
	}
	var b strings.Builder
	rule := strings.Repeat("-", 62)
	fmt.Fprintf(&b, ".%s.\n| %-60s |\n|%s|\n", rule, fmt.Sprintf("Tip %d of %d", id, len(texts)), rule)
	for _, line := range lines {
		fmt.Fprintf(&b, "| %-60s |\n", line)
	}
	fmt.Fprintf(&b, "'%s'\n", rule)
	return b.String()
}
