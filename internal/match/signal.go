package match

import "strings"

// signals are the names from signal 1 on, alike on all ABIs
// (include/uapi/asm-generic/signal.h).
const signals = "HUP INT QUIT ILL TRAP ABRT BUS FPE KILL USR1 SEGV USR2 PIPE ALRM TERM STKFLT " +
	"CHLD CONT STOP TSTP TTIN TTOU URG XCPU XFSZ VTALRM PROF WINCH IO PWR SYS"

// Signal returns the number of the signal called name, SIGTERM, or 0.
func Signal(name string) int {
	short, ok := strings.CutPrefix(name, "SIG")
	if !ok {
		return 0
	}
	n := 0
	for s := range strings.FieldsSeq(signals) {
		n++
		if s == short {
			return n
		}
	}
	return 0
}

// SignalName is the name that Signal knows a number by, or "".
func SignalName(sig int) string {
	n := 0
	for s := range strings.FieldsSeq(signals) {
		if n++; n == sig {
			return "SIG" + s
		}
	}
	return ""
}
