package print

import "strait/syscalls"

// kindNames are the words for kinds of nodes.
var kindNames = [...]string{
	syscalls.None: "none", syscalls.Int: "int", syscalls.Uint: "uint", syscalls.Hex: "hex", syscalls.Oct: "oct",
	syscalls.Addr: "addr", syscalls.FD: "fd", syscalls.DirFD: "dirfd", syscalls.PID: "tid", syscalls.TGID: "pid",
	syscalls.PGID: "pgid", syscalls.SID: "sid", syscalls.ID: "id", syscalls.Mode: "mode", syscalls.Perm: "perm",
	syscalls.Dev: "dev", syscalls.Sig: "signal", syscalls.Flags: "flags", syscalls.Enum: "enum", syscalls.Port: "port",
	syscalls.IP4: "ip4", syscalls.BE16: "be16", syscalls.BE32: "be32", syscalls.Char: "char", syscalls.Str: "string",
	syscalls.IP6: "ip6", syscalls.SigSet: "sigset", syscalls.MAC: "mac", syscalls.UUID: "uuid", syscalls.Struct: "struct",
	syscalls.Array: "array", syscalls.BitArray: "set", syscalls.OrList: "or", syscalls.Func: "call",
	syscalls.Comment: "comment", syscalls.Group: "group", syscalls.Shift: "shift", syscalls.Index: "index",
	syscalls.Rest: "rest", syscalls.Labelled: "labelled", syscalls.More: "more", syscalls.Unread: "unread", syscalls.Vars: "vars",
	syscalls.WaitStatus: "wait_status", syscalls.ClockTicks: "clock_ticks", syscalls.SyscallNr: "syscall",
	syscalls.Errno: "errno", syscalls.Kilo: "uint", syscalls.Entries: "entries", syscalls.Date: "date",
	syscalls.ShiftBy: "shift_by", syscalls.Shifted: "shifted", syscalls.Symbol: "symbol", syscalls.IfIndex: "ifindex", syscalls.Lit: "word", syscalls.Resuming: "resuming", syscalls.Ptr: "ptr",
}

// KindNamed returns the kind of node that JSON calls by a name.
func KindNamed(name string) (syscalls.Kind, bool) {
	for k, n := range kindNames {
		if n == name {
			return syscalls.Kind(k), true
		}
	}
	return 0, false
}

// SignalName returns the name of a signal: SIGINT.
func SignalName(sig int) string { return string(appendSIG(nil, int64(sig))) }
