package syscalls

// A Decoder turns registers and memory into nodes. It holds scratch space and
// is used by one goroutine; the zero value decodes with strace's defaults.
type Decoder struct {
	// StringLimit is the most bytes of a string or buffer, and the most
	// elements of an array when Event.Abbrev is set; 0 means 32, less none.
	StringLimit int
	// Inner shows i386's socketcall and ipc as the calls that they stand for: Event.Call
	// is that call, Event.Nr and Event.Args stay those of the multiplexer.
	Inner bool
	// FDs asks the tracee for the names of descriptors, PIDs for those of
	// processes.
	FDs, PIDs bool
	// Early decodes at entry also what the kernel reads and traces show at exit
	// only (sendmmsg's messages), for those who judge a call before it is made.
	Early bool
	// Namespaces asks the tracee for the namespaces that a call entered or made.
	Namespaces bool
	// VCPUs asks the tracee for the virtual CPUs that it runs: why KVM_RUN came back.
	VCPUs bool

	ev      *Event
	t       Tracee
	abi     *ABI
	exit    bool   // decoding what the kernel left behind
	ret     bool   // nodes go to RetNodes
	depth   int    // of nested memory
	work    int    // nodes made for this argument: bounds hostile nests
	full    bool   // there were too many, and a node says so
	read    int    // bytes read for its strings
	mem     []byte // structures being decoded, innermost last
	cur     frame
	stack   [maxOperands]int64
	kludge  Call                 // of a msgrcv by ipc(2) whose arguments cannot be read, once there was one
	open    [4 * maxDepth]uint32 // containers being filled: index of their node
	nopen   int
	saving  bool  // at entry: an inout decoder looks at its argument
	paused  bool  // at entry: the rest of the argument waits for exit; at exit: it is not to be shown
	spliced bool  // at exit: what is made now goes on where entry stopped
	sock    int32 // descriptor of the socket whose messages are being decoded, -1: none
	proto   int   // its netlink protocol, or one of the values of netlinkNo

	linkKinds  [2]uint8 // of the link whose attributes are being decoded, and of the port: linkBridge ...
	genlFamily uint8    // of the controller's message that is being decoded: index of genlCommands
	name       string   // of the next node
	flags      NodeFlags
}

// Bounds on what one call may cost, whatever its arguments say.
const (
	maxDepth    = 48
	maxOperands = 32
	maxNodes    = 1 << 16 // of one argument
	maxString   = 1 << 20 // bytes of one string, whatever StringLimit says
	maxBytes    = 1 << 24 // bytes of all strings of a call, several times what execve(2) takes
	pathMax     = 4096
)

// A frame is what an expression can see: the structure being decoded.
type frame struct {
	off, size int    // of the structure's bytes in d.mem
	addr      uint64 // of the structure in the tracee
	have      int    // bytes that the caller said there are: the size in ptr(T, SIZE)
	param     [4]uint64
}

// A value is a register, or a field in memory.
type value struct {
	raw   uint64 // the number, sign-extended if its type is signed
	addr  uint64 // where the field is in the tracee; 0 for a register
	off   int    // of the field's bytes in d.mem; -1 for a register
	width uint8
}

// Enter decodes what is known when the call enters the kernel: every argument
// before the first one that the kernel fills in.
func (d *Decoder) Enter(ev *Event, t Tracee) {
	d.begin(ev, t)
	ev.Nodes, ev.RetNodes, ev.arena = ev.Nodes[:0], ev.RetNodes[:0], ev.arena[:0]
	ev.next, ev.half, ev.EnterEnd = 0, false, 0
	ev.Split, ev.Joint, ev.JointName, ev.JointArg = false, JointNone, "", false
	ev.Call = ev.ABI.Call(ev.Nr)
	d.unmultiplex()
	if ev.Raw || ev.Call == nil {
		d.rawArgs()
		ev.EnterEnd = len(ev.Nodes)
		return
	}
	d.saveInOut()
	for ev.next < len(ev.Call.Args) {
		d.work, d.full = 0, false
		done, half := d.argEnter(&ev.Call.Args[ev.next])
		if !done {
			ev.half = half
			break
		}
		ev.next++
	}
	if ev.next == len(ev.Call.Args) {
		d.bracket()
	}
	ev.EnterEnd = len(ev.Nodes)
}

// Exit decodes the rest, and the result.
func (d *Decoder) Exit(ev *Event, t Tracee) {
	if ev.Raw || ev.Call == nil {
		return
	}
	d.begin(ev, t)
	d.exit = true
	for ev.next < len(ev.Call.Args) {
		d.work, d.full = 0, false
		d.argExit(&ev.Call.Args[ev.next], ev.half)
		ev.half = false
		ev.next++
	}
	d.bracket()
	if !ev.Returned {
		return
	}
	d.ret, d.work, d.full = true, 0, false
	d.result()
	d.ret = false
}

func (d *Decoder) begin(ev *Event, t Tracee) {
	d.ev, d.t, d.abi = ev, t, ev.ABI
	d.exit, d.ret, d.depth, d.work, d.read, d.nopen = false, false, 0, 0, 0, 0
	d.saving, d.paused, d.spliced, d.full = false, false, false, false
	d.sock, d.proto = -1, netlinkNotAsked
	d.mem, d.cur, d.name, d.flags = d.mem[:0], frame{have: -1}, "", 0
}

func (d *Decoder) limit() int {
	if d.StringLimit == 0 {
		return 32
	}
	return max(d.StringLimit, 0)
}

// rawCount is how many registers the call looks at: six if that is not known.
func (d *Decoder) rawCount() int {
	c := d.ev.Call
	if c == nil {
		c = d.ev.Wide()
	}
	if c == nil || c.Flags&Plain != 0 {
		return 6
	}
	n := 0
	for i := range c.Args {
		if types[c.Args[i].Type].kind == tyFunc && (c.Flags&NoReturn != 0 || c.Name == restartCall) {
			continue // rt_sigreturn's mask stands on the stack, what is restarted in the kernel
		}
		top := int(c.Args[i].Reg) + 1
		if c.Args[i].Pair {
			top++
		}
		n = max(n, top)
	}
	return n
}

// rawArgs shows the registers as they are.
func (d *Decoder) rawArgs() {
	if d.ev.inside && d.abi.Call(d.ev.Nr).Name == "ipc" {
		d.rawIPC()
		return
	}
	for i := range d.rawCount() {
		n := Node{Kind: Hex, Val: d.register(i), Width: uint8(d.abi.RegWord)}
		if d.ev.Call == nil { // nothing says how much of them is looked at: int $0x80 of a 64-bit program
			n.Val, n.Width = d.ev.Args[i], 8
		}
		d.Add(n)
	}
}

// register returns argument register i, cut to the width that the ABI has.
func (d *Decoder) register(i int) uint64 {
	if i >= len(d.ev.Args) {
		return 0
	}
	if d.ev.inside {
		return uint64(uint32(d.ev.inner[i]))
	}
	return d.ev.Args[i] & d.ev.registerMask()
}

// argValue returns argument a as its type has it.
func (d *Decoder) argValue(a *Arg) uint64 {
	v := d.register(int(a.Reg))
	if a.Swap {
		return v<<32 | d.register(int(a.Reg)+1)
	}
	if a.Pair {
		return v | d.register(int(a.Reg)+1)<<32
	}
	return extend(v, a.Width, a.Sign)
}

func extend(v uint64, width uint8, sign bool) uint64 {
	switch {
	case width == 1 && sign:
		return uint64(int64(int8(v)))
	case width == 1:
		return uint64(uint8(v))
	case width == 2 && sign:
		return uint64(int64(int16(v)))
	case width == 2:
		return uint64(uint16(v))
	case width == 4 && sign:
		return uint64(int64(int32(v)))
	case width == 4:
		return uint64(uint32(v))
	}
	return v
}

// saveInOut remembers what inout pointers point to before the kernel writes
// there: the order of printing may come to them only at exit.
func (d *Decoder) saveInOut() {
	for i := range d.ev.Call.Args {
		a := &d.ev.Call.Args[i]
		t := &types[a.Type]
		if t.kind == tySwitch || t.kind == tyIf {
			t = &types[d.resolve(a.Type)]
		}
		if t.flags&tfInOut == 0 || i >= len(d.ev.saved) {
			continue
		}
		d.ev.saved[i] = 0
		if t.kind == tyFunc {
			d.saveFunc(i, t, a)
			continue
		}
		if t.kind != tyPtr {
			continue
		}
		if e := &types[t.a]; e.kind == tyScalar {
			if v, ok := d.peek(d.argValue(a), e); ok {
				d.ev.saved[i] = v
			}
		}
	}
}

// saveFunc lets an inout Go decoder look at argument i at entry. It keeps what
// it needs in d.ev.saved[i]; nodes that it makes now are dropped.
func (d *Decoder) saveFunc(i int, t *typ, a *Arg) {
	d.ev.next, d.saving = i, true
	d.goDecoder(t, d.regValue(a))
	d.ev.next, d.saving = 0, false
	d.ev.Nodes, d.ev.arena = d.ev.Nodes[:0], d.ev.arena[:0]
	d.name, d.flags = "", 0
}

// argEnter decodes an argument at entry. It reports whether the argument is
// done, and if not whether its first half (a of a => b) is.
func (d *Decoder) argEnter(a *Arg) (done, half bool) {
	id := d.resolve(a.Type)
	t := &types[id]
	d.name = d.argName(a, d.ev.next)
	if d.later(t) {
		d.joint(t)
		return false, false
	}
	if t.kind == tyThen {
		first := d.resolve(typeID(t.a))
		if d.later(&types[first]) {
			d.joint(&types[first])
			return false, false
		}
		n := len(d.ev.Nodes)
		d.decode(first, d.regValue(a))
		switch {
		case d.paused:
			return false, false
		case len(d.ev.Nodes) == n:
			d.name = d.argName(a, d.ev.next)
			d.joint(&types[d.resolve(typeID(t.b))])
		case d.argIsAddress() || d.cutShort(): // nothing follows it
			return true, false
		case types[d.resolve(typeID(t.b))].flags&tfBegun != 0:
			d.ev.Joint = JointArrow
		}
		return false, true
	}
	d.decode(id, d.regValue(a))
	return !d.paused, false
}

// later reports whether an argument of type t is decoded at exit as a whole.
func (d *Decoder) later(t *typ) bool {
	if d.ev.bare {
		return false
	}
	if d.ev.Call == &d.kludge && d.ev.next == 1 { // the address stands for a buffer
		return true
	}
	if t.kind == tyPtr && t.flags&(tfInOut|tfBegun) == tfInOut|tfBegun { // [16 at entry
		return false
	}
	return t.flags&(tfOut|tfInOut) != 0 || t.flags&tfExit != 0 && !d.Early
}

// joint says that the comma before an argument of type t, and its name, are written at
// entry, if the argument is begun then.
func (d *Decoder) joint(t *typ) {
	if t.flags&tfBegun == 0 {
		return
	}
	if len(d.ev.Nodes) > 0 {
		d.ev.Joint = JointComma
	}
	d.ev.JointName, d.ev.JointArg = d.name, true
}

func (d *Decoder) argExit(a *Arg, half bool) {
	if d.ev.Split && !d.spliced {
		defer d.whole()
	}
	id := d.resolve(a.Type)
	t := &types[id]
	v := d.regValue(a)
	d.name = d.argName(a, d.ev.next)
	if t.kind == tyThen {
		if !half {
			d.decode(d.resolve(typeID(t.a)), v)
			d.whole()
		}
		second := d.resolve(typeID(t.b))
		if (d.succeeded() || types[second].flags&tfExit != 0) && !d.lastIsAddress() && !d.cutShort() {
			d.name, d.flags = d.argName(a, d.ev.next), Arrow
			d.decode(second, v)
		}
		d.name, d.flags = "", 0
		return
	}
	if t.flags&tfOut != 0 && !d.succeeded() {
		d.address(v.raw)
		return
	}
	d.decode(id, v)
}

// lastIsAddress reports whether the last argument so far is an address: NULL, or of
// memory that could not be read.
func (d *Decoder) lastIsAddress() bool { return endsInAddress(*d.list()) }

// argIsAddress is the same about the last argument, for what stands behind a result.
func (d *Decoder) argIsAddress() bool { return endsInAddress(d.ev.Nodes) }

func endsInAddress(nodes []Node) bool {
	last := uint32(0)
	for i := uint32(0); i < uint32(len(nodes)); i = nodes[i].End {
		last = i
	}
	return len(nodes) > 0 && nodes[last].Kind == Addr
}

// succeeded reports whether the kernel can be trusted to have filled in what it
// was asked to.
func (d *Decoder) succeeded() bool { return d.ev.Returned && d.ev.Errno == 0 }

func (d *Decoder) regValue(a *Arg) value {
	return value{raw: d.argValue(a), off: -1, width: a.Width}
}

// result decodes what stands behind the return value.
func (d *Decoder) result() {
	id := d.resolve(d.ev.Call.Ret)
	t := &types[id]
	v := value{raw: uint64(d.ev.Ret), off: -1, width: 8}
	if at, told := d.resultAt(); told {
		n, ok := d.peekWidth(at, 4, false, false)
		if v.raw = n; !ok {
			d.lit("?")
			return
		}
	}
	switch t.kind {
	case tyNote:
		if d.ev.Errno == 0 {
			d.scalarResult(typeID(t.a), v)
			d.note(t, v)
		}
	case tyScalar:
		if d.ev.Errno == 0 {
			d.scalarResult(id, v)
		}
	case tyFunc:
		d.decode(id, v)
	}
}

func (d *Decoder) scalarResult(id typeID, v value) {
	id = d.resolve(id)
	if types[id].kind != tyScalar {
		return
	}
	t := &types[id]
	d.scalar(t, extend(v.raw, t.width, t.flags&tfSigned != 0))
}

// note decodes the words behind a number: (flags FD_CLOEXEC).
func (d *Decoder) note(t *typ, v value) {
	id := d.resolve(typeID(t.b))
	if types[id].kind == tyNone {
		return
	}
	if t.flags&tfNames != 0 {
		if !hasName(&types[id], v.raw) {
			return
		}
		d.flags |= InWords
	}
	if t.c != 0 {
		d.Add(Node{Kind: Lit, Name: strs[t.c]})
		d.flags |= Attach
	}
	d.decode(id, v)
}

// hasName reports whether the table of t, if it has one, has a name for v or, of a
// set of bits, for one of them.
func hasName(t *typ, v uint64) bool {
	if t.kind != tyScalar || t.a == 0 {
		return true
	}
	tab := &tables[t.a-1]
	if t.node == Enum {
		return tab.Lookup(v) != ""
	}
	for i := range tab.Entries {
		if bits := tab.Entries[i].Val; bits != 0 && v&bits == bits || bits == v {
			return true
		}
	}
	return false
}

// resolve follows switches and conditions until a type is left that says how to
// decode.
func (d *Decoder) resolve(id typeID) typeID {
	for range maxDepth {
		t := &types[id]
		switch t.kind {
		case tySwitch:
			id = d.choose(t)
		case tyIf:
			if d.eval(exprID(t.b)) != 0 {
				id = typeID(t.a)
			} else {
				id = typeID(t.c)
			}
		default:
			return id
		}
	}
	return 0
}

// choose picks the type of a switch. The switch's parameters are in force for what it looks at only: its types
// were compiled with the expressions put in their place, which name the parameters of the structure around it.
func (d *Decoder) choose(t *typ) typeID {
	s := &switches[t.a]
	outer := d.cur.param
	if t.b != 0 {
		var p [4]uint64
		d.params(listID(t.b), p[:])
		d.cur.param = p
	}
	v := uint64(d.eval(s.on))
	d.cur.param = outer
	lo, hi := 0, len(s.cases)
	for lo < hi {
		mid := int(uint(lo+hi) >> 1)
		if s.cases[mid].val < v {
			lo = mid + 1
		} else {
			hi = mid
		}
	}
	if lo < len(s.cases) && s.cases[lo].val == v {
		return s.cases[lo].typ
	}
	return s.other
}

// params evaluates a list of expressions into p and returns how many there were.
func (d *Decoder) params(l listID, p []uint64) int {
	if l == 0 {
		return 0
	}
	n := min(int(lists[l]), len(p))
	for i := range n {
		p[i] = uint64(d.eval(exprID(lists[int(l)+1+i])))
	}
	return n
}
