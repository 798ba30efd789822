package syscalls

// An Event is one thing that a traced thread did: a system call, or one of the
// events between calls. Its memory is reused: nodes and bytes are valid until
// the next Enter or Reset on the same Event.
type Event struct {
	Kind EventKind

	// Who and when; filled in by the tracer.
	TID, PID  int   // thread, and the process (thread group) it belongs to
	Mono      int64 // entry, CLOCK_MONOTONIC, ns
	Wall      int64 // entry, CLOCK_REALTIME, ns
	MonoExit  int64 // exit, CLOCK_MONOTONIC, ns
	CPUEnter  int64 // system CPU time of the thread at entry, ns; 0 when not measured
	CPUExit   int64 // the same at exit
	WallExit  int64 // exit, CLOCK_REALTIME, ns
	IP, SP    uint64
	Injected  Injection // what the tracer changed about this call
	OtherTID  int       // EventExecve: the thread id before; EventNew: the task that made it, 0 when we did; EventSuperseded: by whom
	Sig       int       // EventSignal, EventStopped, EventKilled
	Status    int       // EventExited: exit code
	Core      bool      // EventKilled: core dumped
	ExePath   string    // EventExec: the program, when known
	HasSiginf bool      // EventSignal: Nodes hold the siginfo

	Instruction string // EventSignal: what the task was about to do, disassembled, when it was asked for

	// The call; filled in by the tracer before Enter ...
	ABI  *ABI
	Nr   uint64 // as the kernel sees it, without x32's bit
	Args [6]uint64
	// ... and before Exit.
	Ret      int64 // the return register, sign-extended from the ABI's word
	Errno    int   // > 0 when the call failed, else 0
	Returned bool  // false: the call did not return (exit, a kill, a detach)
	Lost     bool  // the task was killed before the tracer could look: without an ABI even the call is not known, else its outcome

	Interrupted *Call // restart_syscall: the call that goes on, if known

	// How to decode; set by the caller before Enter.
	Raw     bool // registers only
	Abbrev  bool // leave out what only -v shows
	Verbose bool // follow pointers to structures

	// The result.
	Call      *Call  // nil for a number without a row
	Nodes     []Node // arguments, in order; each top-level node is an argument or a continuation of one
	EnterEnd  int    // Nodes[:EnterEnd] were made by Enter
	Split     bool   // the last of the arguments that Enter made is in two parts: containers with Begun go on at exit
	Joint     Joint  // what stands between Nodes[:EnterEnd] and the next node and is written at entry already ...
	JointName string // ... with the name of that node, if it is not empty
	JointArg  bool   // ... which is an argument's: shown where names of arguments are
	RetNodes  []Node // what stands after the return value: empty for a plain number
	arena     []byte
	saved     [8]uint64
	namelens  []int32   // msg_namelen of recvmmsg's messages at entry
	inner     [6]uint64 // arguments of the call that a multiplexer stands for
	inside    bool      // Call is that call
	bare      bool      // of that call, what the last argument points to cannot be read
	next      int       // the first argument that Enter left to Exit
	half      bool
	open      [maxSplit]uint32 // of a split argument, the containers that are open: indices of their nodes
	nopen     int
}

// EventKind says what an Event is.
type EventKind uint8

// The kinds of events.
const (
	EventCall       EventKind = iota // a system call
	EventSignal                      // a signal is about to be delivered
	EventStopped                     // a group-stop: the process is stopped by Sig
	EventNew                         // a new task appeared
	EventExec                        // an execve succeeded
	EventExited                      // the thread ended with Status
	EventKilled                      // the thread was killed by Sig
	EventSuperseded                  // a thread vanished in another thread's execve
	EventDetached                    // no longer traced
)

// Injection is what a tracer changed about a call.
type Injection uint8

// Parts of an Injection.
const (
	InjectedResult  Injection = 1 << iota // the result (or the call) was replaced
	InjectedDelay                         // a delay was added
	InjectedArgs                          // memory behind arguments was changed at entry
	InjectedRetvals                       // memory behind arguments was changed at exit
)

// A Node is one piece of a decoded value. Nodes stand in pre-order: a node's
// children are the nodes from the one after it up to End.
type Node struct {
	Kind  Kind
	Flags NodeFlags
	Width uint8  // bytes the value has in the tracee, 0 when it has no width
	End   uint32 // index just past the last descendant, within Event.Nodes or RetNodes
	Name  string // field or argument name; the function's name for Func; the text for Lit
	Table *Table // Flags, Enum
	Val   uint64 // sign-extended where the type is signed
	Off   uint32 // bytes in the arena: see Event.Bytes
	Len   uint32
}

// NodeFlags are attributes of a Node.
type NodeFlags uint32

// Attributes of nodes. Every node but the first of its parent is preceded by
// ", " in text unless one of Arrow, Attach or Pair says otherwise.
const (
	Arrow     NodeFlags = 1 << iota // the value after the call of the value before it: " => "
	Attach                          // stands right behind its predecessor
	Cut                             // Str: there was more; Array: there were more elements
	IsPath                          // Str: a pathname, never shortened by a string limit
	ForceHex                        // Str: every byte as \xNN whatever the options; Int: has no decimal form
	HasFD                           // FD, DirFD, PID: Off and Len hold the descriptor's path (or comm)
	HexVal                          // Enum, Flags: unknown values in hex (the default); else decimal
	NoPrefix                        // FuncCall arguments, Array: without the parameter's name
	Unsized                         // Str: no terminating NUL was found within the limit
	Replaced                        // the value was changed by an injection
	Styled                          // how constants are shown (-X) decides about it whole: Func (of Val; ForceHex: of its bytes), Struct (Table's name of Val, or its bytes); OrList: about each child; Comment: in words, and not under -X raw, as Date
	IsTime                          // Int: seconds since the epoch; text shows the date behind it
	IsNsec                          // with IsTime on the struct: sub-second part for the date
	NoTable                         // Enum: value known to be outside the table
	PadHex                          // Hex: with as many digits as Width has: 0x00000001
	Abstract                        // Str: a name in the abstract socket namespace: @"name"
	ShowName                        // an argument that text shows with its name, as clone's: flags=...
	AllNames                        // Enum: every name that the value has: TCGETS or SNDCTL_TMR_TIMEBASE. OrList: children are names of Val, joined by " or "
	NoneEmpty                       // Flags: nothing stands for no bits
	Numbered                        // Enum, Flags: the number, and names behind it as a comment: 0x3 /* XFEATURE_BNDREGS */. OrList: children show their numbers in the comment, too; Styled: one number under -X raw. Styled Func: a number under -X raw only
	LeftBy                          // Enum: stands shifted to the left by Len: FUTEX_OP_SET<<28
	Begun                           // a container that was open when Enter was done: Exit has put what is missing into it
	InWords                         // of a note behind a result: names whatever -X says; sets of bits are left out where -X asks for numbers. Styled Func: its arguments are always names. Numbered: the comment is there under -X raw too. Symbol: only the name
	NULBehind                       // Str: a NUL stands behind the bytes: part of the string where that is in hexadecimal, with "..." if Val is not 0, else its end
	Negatable                       // Enum: a negative value is a minus and what its magnitude stands for: -TIPC_NODE_SCOPE, -0x1
)

// A Joint is what stands between two nodes.
type Joint uint8

// The joints that may be written at entry.
const (
	JointNone  Joint = iota
	JointComma       // ", "
	JointArrow       // " => "
)

// Kind says what a Node is and how its value is to be shown.
type Kind uint8

// Scalars: the value is Val.
const (
	None  Kind = iota
	Int        // signed decimal
	Uint       // unsigned decimal
	Hex        // 0x1f; 0 for zero
	Oct        // 017
	Addr       // an address: NULL or 0x7ffc...
	FD         // a file descriptor (int32), with its path if HasFD
	DirFD      // the same, or AT_FDCWD
	PID        // a thread id
	TGID       // a process id
	PGID       // a process group id
	SID        // a session id
	ID         // uid_t or gid_t: -1 or unsigned decimal
	Mode       // st_mode: type and permissions: S_IFREG|0644
	Perm       // permissions only: 0644
	Dev        // a device number in the kernel's 64-bit or 32-bit (Width) encoding: makedev(0x8, 0x1)
	Sig        // a signal number
	Flags      // a set of bits, named by Table
	Enum       // one of Table's values
	Port       // a port, already in host order: htons(80)
	IP4        // an IPv4 address, Val in network order as a big-endian number: inet_addr("127.0.0.1"); the field's bytes, if it is longer
	BE16       // a 16-bit number from network order: htons(0x800)
	BE32       // htonl(...)
	Char       // one byte as a character

	// Bytes in the arena.
	Str    // a byte string
	IP6    // 16 bytes: inet_pton(AF_INET6, "::1", &NAME)
	SigSet // a signal mask, little-endian bits from signal 1
	MAC    // link-layer address: aa:bb:cc:dd:ee:ff; Val: so many of its bytes are meant, 0 is all
	UUID   // 16 bytes

	// Containers: the value is in the children.
	Struct   // {a=1, b=2}
	Array    // [1, 2]
	BitArray // [1 2]: children joined by spaces; Styled: the last one is an Array of what stands in memory
	OrList   // A|B: children joined by |
	Func     // NAME(child, child)
	Comment  // " /* child child */": always Attach
	Group    // children as if they stood here
	Shift    // 1<<child
	Index    // [NAME-child]=child: an indexed element
	Rest     // what the caller passed behind a structure: Val is the offset, Len how many bytes: /* bytes 24..31 */ "\1..."
	Labelled // the word Name, then the child, without a sign between: in [3]

	// States.
	More       // "...": something was left out
	Unread     // the rest of an array could not be read at address Val: "... /* 0x7f.. */"
	Vars       // Val is an address, Len a count: 0x7ffc... /* 35 vars */
	WaitStatus // an int in the words of the wait macros: {WIFEXITED(s) && WEXITSTATUS(s) == 0}
	ClockTicks // a number of clock ticks, or with Len of 10^-Len s each; text adds the seconds: 4 /* 0.04 s */
	SyscallNr  // a system call number of the event's ABI: __NR_openat
	Errno      // an errno value by its name: EPERM
	Kilo       // a multiple of 1024: 8192*1024
	Entries    // Val is an address, Len a count: 0x7ffc... /* 14 entries */
	Date       // seconds Val and a fraction Len (ns with IsNsec, else us) as a comment: /* 1970-... */; with IsTime whole seconds, and not as a comment
	ShiftBy    // "<<" and Val, Attach to what is shifted: FUTEX_OP_SET<<28
	Shifted    // Val << the word Name, of value Len if that is not 0: 21<<MFD_HUGE_SHIFT
	Resuming   // the call Name goes on: <... resuming interrupted read ...>
	Symbol     // Val by a name, which is in the arena: 8*RAX+4; HexVal: it is an address
	IfIndex    // index Val of a network interface, with its name if HasFD: if_nametoindex("lo")
	Lit        // the static word Name
	Ptr        // Val is an address; the children are what it points to: shown as the children alone
)

// Bytes returns the bytes of a node of ev. They are valid until the next Enter
// or Reset.
func (ev *Event) Bytes(n *Node) []byte { return ev.arena[n.Off : n.Off+n.Len : n.Off+n.Len] }

// Keep copies bytes into ev's arena and returns where they are, for nodes made
// by other hands than a Decoder's.
func (ev *Event) Keep(p []byte) (off, length uint32) {
	off = uint32(len(ev.arena))
	ev.arena = append(ev.arena, p...)
	return off, uint32(len(p))
}

// arenaKeep is how much of an arena survives a Reset: one huge argument must not
// pin its memory for the life of the task.
const arenaKeep = 64 << 10

// Reset empties ev for its next use and keeps its memory.
func (ev *Event) Reset() {
	nodes, ret, arena := ev.Nodes[:0], ev.RetNodes[:0], ev.arena[:0]
	if cap(arena) > arenaKeep {
		arena = nil
	}
	if cap(nodes) > 4096 {
		nodes = nil
	}
	*ev = Event{Nodes: nodes, RetNodes: ret, arena: arena, namelens: ev.namelens[:0]}
}

// A Tracee is the process behind an event, as far as decoding needs it.
type Tracee interface {
	// ReadMemory fills p from the tracee's memory at addr and returns how many
	// bytes it got: fewer than len(p) when a page on the way is not readable.
	ReadMemory(addr uint64, p []byte) int
	// AppendFD appends what descriptor fd of the calling process refers to
	// (path, socket:[123]) or returns dst unchanged. When more was asked for, it
	// stands behind a NUL, in the words that text shows: "/dev/null\x00<char 1:3>",
	// "\x00TCP:[127.0.0.1:80]". There, what is to be quoted is between two NULs,
	// \x01 is followed by a signal mask of 16 hexadecimal digits, \x02 by a comm. A path that
	// only looks as if the file were deleted has a NUL and nothing behind it.
	AppendFD(dst []byte, fd int32) []byte
	// AppendPID appends what is known of a process, thread, group or session
	// id (kind is PID, TGID, PGID or SID): its comm and, behind a NUL, its id in
	// our PID namespace if the tracee is in another.
	AppendPID(dst []byte, kind Kind, id int32) []byte
}

// A NetlinkNamer is a Tracee that knows the protocols of netlink sockets.
type NetlinkNamer interface {
	// NetlinkProtocol says whether fd is a netlink socket and, if that is known,
	// of which protocol: NETLINK_ROUTE and its relatives.
	NetlinkProtocol(fd int32) (protocol int, known, netlink bool)
}

// A ForeignFDNamer is a Tracee that knows the descriptors of other processes.
// Both methods append what [Tracee.AppendFD] would for such a process.
type ForeignFDNamer interface {
	// AppendFDOf is about the process that has id pid in the tracee's PID namespace.
	AppendFDOf(dst []byte, pid, fd int32) []byte
	// AppendFDBehind is about the process that the tracee's descriptor pidfd refers to.
	AppendFDBehind(dst []byte, pidfd, fd int32) []byte
}

// A NamespaceNamer is a Tracee that knows what namespaces processes are in.
type NamespaceNamer interface {
	// Namespace returns the inode number of a namespace of the process that has
	// that id in the tracee's PID namespace, 0 for the calling thread; kind is a
	// name in /proc/PID/ns. It returns 0 if it does not know.
	Namespace(id int32, kind string) uint64
}

// A VCPUNamer is a Tracee that knows the virtual CPUs of KVM that it has.
type VCPUNamer interface {
	// VCPU returns where the process has mapped the struct kvm_run of the virtual
	// CPU that fd refers to, and the number of that CPU in its machine.
	VCPU(fd int32) (addr uint64, number int, ok bool)
}

// A TerminalNamer is a Tracee that knows terminals.
type TerminalNamer interface {
	// Terminal reports whether fd refers to a device that is a terminal.
	Terminal(fd int32) bool
}

// A BootTimer is a Tracee that knows when the machine was started.
type BootTimer interface {
	// BootTime returns where CLOCK_BOOTTIME is zero, in nanoseconds since the epoch.
	BootTime() int64
}

// An IfNamer is a Tracee that knows the names of network interfaces.
type IfNamer interface {
	// AppendIfName appends the name of the interface with the given index, as
	// the tracer's network namespace has it, or returns dst unchanged.
	AppendIfName(dst []byte, index uint32) []byte
}

// A GenericNamer is a Tracee that knows the families of generic netlink.
type GenericNamer interface {
	// AppendGenericFamily appends the name of the family whose messages have that
	// type in the tracer's network namespace, or returns dst unchanged.
	AppendGenericFamily(dst []byte, id uint16) []byte
}
