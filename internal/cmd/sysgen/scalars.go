package main

// A scalar is one of the language's number types.
type scalar struct {
	node   string // syscalls.Kind
	width  int    // bytes, or one of the widths below
	signed bool
	big    bool
	time   bool
}

// Widths that depend on the ABI.
const (
	wideWord  = -1 // a long
	wideKlong = -2 // __kernel_long_t: a long, but 8 on x32
	wideDev   = -3 // 4 in registers, 8 in memory
)

var scalars = map[string]scalar{
	"i8":   {node: "Int", width: 1, signed: true},
	"i16":  {node: "Int", width: 2, signed: true},
	"i32":  {node: "Int", width: 4, signed: true},
	"i64":  {node: "Int", width: 8, signed: true},
	"u8":   {node: "Uint", width: 1},
	"u16":  {node: "Uint", width: 2},
	"u32":  {node: "Uint", width: 4},
	"u64":  {node: "Uint", width: 8},
	"au64": {node: "Uint", width: 8}, // aligned to 8 bytes on i386 too
	"x8":   {node: "Hex", width: 1},
	"x16":  {node: "Hex", width: 2},
	"x32":  {node: "Hex", width: 4},
	"x64":  {node: "Hex", width: 8},
	"o16":  {node: "Oct", width: 2},
	"o32":  {node: "Oct", width: 4},

	"int":    {node: "Int", width: 4, signed: true},
	"long":   {node: "Int", width: wideWord, signed: true},
	"ssize":  {node: "Int", width: wideWord, signed: true},
	"off":    {node: "Int", width: wideWord, signed: true},
	"klong":  {node: "Int", width: wideKlong, signed: true},
	"loff":   {node: "Int", width: 8, signed: true},
	"lohi":   {node: "Int", width: 8, signed: true},
	"hilo":   {node: "Int", width: 8, signed: true},
	"uint":   {node: "Uint", width: 4},
	"ulong":  {node: "Uint", width: wideWord},
	"usize":  {node: "Uint", width: wideWord},
	"kulong": {node: "Uint", width: wideKlong},
	"xint":   {node: "Hex", width: 4},
	"xlong":  {node: "Hex", width: wideWord},
	"olong":  {node: "Oct", width: wideWord},
	"addr":   {node: "Addr", width: wideWord},

	"fd":     {node: "FD", width: 4, signed: true},
	"dirfd":  {node: "DirFD", width: 4, signed: true},
	"pid":    {node: "PID", width: 4, signed: true},
	"tid":    {node: "PID", width: 4, signed: true},
	"tgid":   {node: "TGID", width: 4, signed: true},
	"pgid":   {node: "PGID", width: 4, signed: true},
	"sid":    {node: "SID", width: 4, signed: true},
	"uid":    {node: "ID", width: 4},
	"gid":    {node: "ID", width: 4},
	"mode":   {node: "Mode", width: 4},
	"perm":   {node: "Perm", width: 4},
	"dev":    {node: "Dev", width: wideDev},
	"signo":  {node: "Sig", width: 4, signed: true},
	"time":   {node: "Int", width: wideKlong, signed: true, time: true},
	"time64": {node: "Int", width: 8, signed: true, time: true},
	"char":   {node: "Char", width: 1},

	"port": {node: "Port", width: 2, big: true},
	"ip4":  {node: "IP4", width: 4, big: true},
	"be16": {node: "BE16", width: 2, big: true},
	"be32": {node: "BE32", width: 4, big: true},
}

// storageOnly are widths that stand behind a colon only.
var storageOnly = map[string]scalar{"be64": {width: 8, big: true}}

// typeForms are the types of the language with a form of their own. The number
// is that of their expressions: at least, at most.
var typeForms = map[string]bool{
	"ptr": true, "ptrnn": true, "path": true, "str": true, "buf": true, "hexbuf": true,
	"array": true, "fullarray": true, "bytes": true, "hexbytes": true, "cstr": true, "func": true,
	"none": true, "lit": true, "group": true, "flags": true, "enum": true, "enumd": true,
	"sigset": true, "calc": true, "mac": true, "ip6": true, "uuid": true, "pad": true,
	"attrs": true,
}

// wideKinds are the types whose value is bytes: the kind of node, and the number
// of bytes (0: an argument says).
var wideKinds = map[string]struct {
	node string
	size uint32
}{
	"ip6": {"IP6", 16}, "uuid": {"UUID", 16}, "mac": {"MAC", 0}, "sigset": {"SigSet", 0},
}

// An abiModel is what the C compiler knows of an ABI.
type abiModel struct {
	word, regWord int  // bytes of a long; of an argument register
	align64       int  // alignment of 8-byte numbers
	pairs         bool // 64-bit arguments take two registers ...
	even          bool // ... the first of them even
	audit, bits   string
}

var abiModels = [numABI]abiModel{
	{word: 8, regWord: 8, align64: 8, audit: "0xc000003e", bits: "64 bit"},
	{word: 4, regWord: 4, align64: 4, pairs: true, audit: "0x40000003", bits: "32 bit"},
	{word: 4, regWord: 8, align64: 8, audit: "0xc000003e", bits: "x32"},
	{word: 8, regWord: 8, align64: 8, audit: "0xc00000b7", bits: "64 bit"},
	{word: 4, regWord: 4, align64: 8, pairs: true, even: true, audit: "0x40000028", bits: "32 bit"},
	{word: 8, regWord: 8, align64: 8, audit: "0xc00000f3", bits: "64 bit"},
}

// shape is how a number stands in a register or in memory.
type shape struct {
	width  uint8
	signed bool
	big    bool
}

// shape returns the width and signedness of s on an ABI.
func (m *abiModel) shape(s scalar, reg bool) shape {
	w := s.width
	switch {
	case w == wideWord && reg:
		w = m.regWord
	case w == wideWord:
		w = m.word
	case w == wideKlong && reg:
		w = m.regWord
	case w == wideKlong:
		w = m.regWord // x32's registers are as wide as its __kernel_long_t
	case w == wideDev && reg:
		w = 4
	case w == wideDev:
		w = 8
	}
	return shape{width: uint8(w), signed: s.signed, big: s.big}
}
