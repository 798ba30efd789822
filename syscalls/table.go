package syscalls

// This file defines what the generator emits (z*.go): static data without
// pointers to functions, so that the tables need no initialisation and Go
// decoders may refer to them and they to Go decoders (by funcID).

// A Call is a row: one system call on one or more ABIs.
type Call struct {
	Name    string
	Args    []Arg
	Ret     typeID
	Class   Class
	Flags   CallFlags
	Effects []Effect
}

// An Arg is one argument of a call.
type Arg struct {
	Name  string
	Type  typeID
	Reg   uint8 // index of the register
	Width uint8 // bytes of it that the kernel looks at: 1, 2, 4 or 8
	Pair  bool  // a 64-bit value in registers Reg (low) and Reg+1 (high)
	Swap  bool  // of a Pair, Reg is the high half
	Sign  bool
}

// CallFlags are attributes of a row.
type CallFlags uint8

// Attributes of rows.
const (
	NeverFails CallFlags = 1 << iota // the result is a value even in the errno range (getpid, mmap2 does not count)
	NoReturn                         // exit, exit_group, rt_sigreturn
	ShowNames                        // text shows every argument with its name, as strace does for clone
	Plain                            // the row is only a name and raw arguments: nobody described it yet
)

// An Effect is what a call does to the world, for policies: "fs.read" on the
// object named by argument Arg (-1: none), looked up from directory argument Dir
// (-1: none).
type Effect struct {
	Name string
	Arg  int8
	Dir  int8
}

// Class is a set of the %classes of strace.
type Class uint32

// The classes.
const (
	ClassFile Class = 1 << iota
	ClassDesc
	ClassNetwork
	ClassProcess
	ClassSignal
	ClassIPC
	ClassMemory
	ClassCreds
	ClassClock
	ClassPure
	ClassStat
	ClassLstat
	ClassFstat
	ClassStatLike
	ClassStatfs
	ClassFstatfs
	ClassStatfsLike
)

type (
	typeID  uint32 // index into types; 0: no type
	exprID  uint32 // index into code, where the expression starts; 0: none
	listID  uint32 // index into lists: a count, then that many items; 0: empty
	funcID  uint16 // a Go decoder: see func (d *Decoder) call, generated
	nameID  uint16 // a named type: nm constants, see ABI.typ
	tableID uint16 // a table by name: tb constants, see ABI.table
)

// typ is one type of the description language, resolved for an ABI. Types that
// come out alike on several ABIs are stored once.
type typ struct {
	kind  typeKind
	node  Kind      // tyScalar: the kind of node it makes
	width uint8     // tyScalar: bytes in memory
	flags typeFlags // signedness, byte order, direction
	size  uint32    // bytes in memory; 0: not known before decoding
	a     uint32    // see typeKind
	b     uint32
	c     uint32
}

type typeFlags uint16

const (
	tfSigned  typeFlags = 1 << iota
	tfBig               // big-endian in memory
	tfOut               // out: at exit; the address alone if the call failed
	tfExit              // exit: at exit, whatever the result
	tfPath              // tyStr: a pathname
	tfHexStr            // tyBytes, tyBuf: every byte as \xNN
	tfTime              // scalar: seconds since the epoch
	tfInOut             // inout: read at entry and at exit
	tfNoNull            // tyPtr: 0 is an address like any other
	tfStr               // tyBytes: ends at a NUL
	tfDecimal           // Enum: unknown values in decimal
	tfNames             // tyNote: by names whatever the style, and only if there are any
	tfBegun             // decoded at exit; what stands before it is written at entry
	tfWhole             // tyArray: all elements are shown, whatever the limit
)

type typeKind uint8

const (
	tyNone    typeKind = iota // nothing: the argument or field is not shown
	tyScalar                  // a: table index + 1 for Flags and Enum; width 0: size bytes that go to the arena (IP6, UUID, MAC, SigSet)
	tyPtr                     // a: typeID pointed to; b: exprID of the size given by the caller, or 0; width: of the pointer
	tyStr                     // pointer to a NUL-terminated string; a: exprID of the most bytes, or 0; width: of the pointer
	tyBuf                     // pointer to bytes; a: exprID of the length; width: of the pointer
	tyBytes                   // bytes in place; a: exprID of the length (size set when constant)
	tyStruct                  // a: index into structs; b: listID of parameter exprIDs
	tyArray                   // elements in place; a: typeID; b: exprID of the count; c: exprID of the most that are shown, or 0
	tySwitch                  // a: index into switches; b: listID of parameter exprIDs, for what it looks at
	tyFunc                    // a: funcID; b: listID of exprIDs: arguments; c: typeID of storage in memory, or 0
	tyIf                      // a: typeID; b: exprID; c: typeID otherwise, or 0
	tyThen                    // a => b: a: typeID at entry, b: typeID at exit
	tyNote                    // results: a: typeID of the number; b: typeID of what stands in parentheses; c: index into strs of a word before it
	tyGroup                   // a: index into structs; b as tyStruct: the fields, shown as if they were the parent's
	tyComment                 // a: typeID; b: typeID of what a comment behind it shows
	tyLit                     // a: index into strs
	tyAttrs                   // netlink attributes up to the end; a: index into attrSets; b: listID of parameter exprIDs
	tyCalc                    // a: typeID of a number; b: exprID of its value, which stands nowhere
)

// structDef is the shape of a structure: fields in print order, with offsets in
// memory order.
type structDef struct {
	name   string
	fields []field
	size   uint32 // bytes; the static part if the last field is dynamic
	params uint8
	union  bool
}

type field struct {
	name  string
	typ   typeID
	off   uint32 // bytes from the start; dynOff: right behind the field before it in this list
	flags fieldFlags
}

const dynOff = 1<<32 - 1

type fieldFlags uint8

const (
	ffVerbose fieldFlags = 1 << iota // shown with -v only
	ffHidden                         // never shown: others refer to it
	ffAbbrev                         // shown without -v only
	ffNonzero                        // shown only when not all zero
	ffNoName                         // shown without "name="
	ffTail                           // may be missing, as all behind it: newer than the structure
)

// switchDef picks a type by a value: cases sorted by val.
type switchDef struct {
	on    exprID // over the parameters
	cases []switchCase
	other typeID // default
}

// attrSet is a set of netlink attributes.
type attrSet struct {
	table uint32 // names of their numbers: index into tables
	typ   typeID // of their values: a switch over parameter 0, the number
}

type switchCase struct {
	val uint64
	typ typeID
}

// op is one instruction of an expression: postfix, ended by opEnd.
type op struct {
	code  opCode
	width uint8 // opArg, opField: bytes
	sign  bool
	n     uint64 // constant, argument index, offset, parameter index
}

type opCode uint8

const (
	opEnd     opCode = iota
	opConst          // n
	opArg            // argument n of the call, by its width
	opField          // field at offset n of the current structure
	opParam          // parameter n of the current structure, or of the switch in what it looks at
	opRet            // the result of the call (0 at entry)
	opErr            // errno of the result (0: none)
	opSize           // size that the caller gave for the current structure
	opVerbose        // 1 with -v
	opDecoded        // 1 unless -e verbose= leaves the call out
	opExit           // 1 at exit
	opShown          // how many elements of an array are shown at most
	opSaved          // value that an inout argument n pointed to at entry
	opDeref          // value (width, sign) n>>8 bytes behind what argument n&0xff points to now; 0 if unreadable
	opAdd
	opSub
	opMul
	opDiv
	opMod
	opAnd
	opOr
	opXor
	opShl
	opShr
	opEq
	opNe
	opLt // comparisons are of signed 64-bit values
	opLe
	opGt
	opGe
	opLAnd
	opLOr
	opNot
	opNeg
	opCom
	opCond // a b c → a != 0 ? b : c
	opMin
	opMax
	opReadable // b bytes at address a can be read, and are to be looked at
)

// A Table names values: of an enumeration, or bits.
type Table struct {
	Name   string // as in desc/: "open"
	Prefix string // "O_": for the comment on unknown values
	// Entries stand in print order. For bits, an entry with a Mask holds when
	// v&Mask == Val, and its bits (Mask) are then done; one without when
	// v&Val == Val and Val != 0.
	Entries []Entry
	// Sorted holds indexes of Entries by ascending Val, for enumerations.
	Sorted []uint16
}

// An Entry is one name of a Table.
type Entry struct {
	Name string
	Val  uint64
	Mask uint64
}

// Lookup returns the name of v in an enumeration, or "".
func (t *Table) Lookup(v uint64) string {
	lo, hi := 0, len(t.Sorted)
	for lo < hi {
		mid := int(uint(lo+hi) >> 1)
		if t.Entries[t.Sorted[mid]].Val < v {
			lo = mid + 1
		} else {
			hi = mid
		}
	}
	if lo < len(t.Sorted) {
		if e := &t.Entries[t.Sorted[lo]]; e.Val == v {
			return e.Name
		}
	}
	return ""
}

// Value returns the value of a name of t.
func (t *Table) Value(name string) (uint64, bool) {
	for i := range t.Entries {
		if t.Entries[i].Name == name {
			return t.Entries[i].Val, true
		}
	}
	return 0, false
}
