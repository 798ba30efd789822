package main

import (
	"testing"
)

func TestErrors(t *testing.T) {
	for _, tt := range []struct{ src, want string }{
		// Lexer.
		{"one(a int) int $\n", `d.txt:1:16: character '$' has no meaning here`},
		{"one(a lit(\"x)) int\n", `d.txt:1:11: string without end (put the closing quote on the same line)`},
		// Parser.
		{"one\n", `d.txt:1:4: got end of line behind "one", want "(" or "=" (a call is NAME(ARG TYPE, ...) RESULT)`},
		{"strct s { a int }\n", `d.txt:1:7: got "s" behind "strct", want "(" or "=" (did you mean "struct"?)`},
		{"one(a int\n", `d.txt:2:1: got end of file, want ")" after the arguments`},
		{"one(a int)\n", `d.txt:1:11: got end of line, want the type of the result (a call that returns nothing worth showing is "int" or "none")`},
		{"one(a int) int desc\n", `d.txt:1:16: got "desc" behind the result (want %class, +effect, neverfails, noreturn or shownames)`},
		{"one(a int if) int\n", `d.txt:1:13: got ")", want a value`},
		{"one@sparc(a int) int\n", `d.txt:1:5: unknown ABI "sparc" (the ABIs are amd64 i386 x32 arm64 arm riscv64)`},
		{"one(a#7 int) int\n", `d.txt:1:6: there is no register #7 (registers are #0 to #5)`},
		{"one(a int) int +fs.x(a, a, a)\n", `d.txt:1:28: an effect has at most two arguments (+effect(ARG) or +effect(ARG,DIRARG))`},
		{"struct s { a int\n", `d.txt:2:1: end of file within a structure (a closing brace "}" is missing)`},
		{"struct s { a int b int }\n", `d.txt:1:18: got "b" within a structure (items stand on lines of their own or are separated by ";")`},
		{"struct s { a int } x\n", `d.txt:1:20: got "x", want the end of the line (a statement ends with its line or its closing brace)`},
		{"struct s align(3) { a int }\n", `d.txt:1:8: alignment 3 is not a power of two up to 4096`},
		{"packed one(a int) int\n", `d.txt:1:8: got "one", want "struct" or "union"`},
		{"switch s(n) { default: int; default: int }\n", `d.txt:1:29: a second default`},
		{"switch s(n) { : int }\n", `d.txt:1:17: a case without a value (VALUE...: TYPE or default: TYPE)`},
		{"enum e = files(x)\n", `d.txt:1:10: got "files", want "prefix", "suffix" or "file"`},
		{"one(a buf(size_of(int))) int\n", `d.txt:1:11: unknown function "size_of" (the functions are deref defined entry max min readable sizeof)`},
		{"one(a buf(min(1))) int\n", `d.txt:1:11: min takes 2 arguments, got 1`},
		{"one(a buf(0x)) int\n", `d.txt:1:11: bad number "0x" (decimal, 0x hexadecimal or 0 octal, at most 64 bits)`},
		{"one(a lit(x)) int\n", `d.txt:1:11: got "x", want a string (lit("..."))`},
		// Names.
		{"one(a int) int\none(b int) int\n", `d.txt:2:1: one is described already at d.txt:1:1`},
		{"one@arm,i386(a int) int\none@x32,arm(b int) int\n", `d.txt:2:1: one is described already for arm at d.txt:1:1`},
		{"tow(a int) int\n", `d.txt:1:1: no ABI has a call "tow" (did you mean "two"?)`},
		{"three@arm64(a int) int\n", `d.txt:1:1: three has no number on arm64`},
		{"one = thre\n", `d.txt:1:7: no row for "thre"`},
		{"two@arm() int\none = two\n", `d.txt:2:7: two has rows with @ only (NEW = OLD@ABI)`},
		{"struct ptr { a int }\n", `d.txt:1:8: "ptr" is a type of the language (choose another name)`},
		{"struct s { a int }\ntype s = int\n", `d.txt:2:6: "s" is a type already, at d.txt:1:8`},
		{"one(a itn) int\n", `d.txt:1:7: unknown type "itn" (did you mean "int"?)`},
		{"one(a ptr(s)) int\nstruct s@arm { a int }\n", `d.txt:1:11: type "s" is not described for amd64 (add a variant, or put what uses it under @ABIs)`},
		{"one(a flags(opne)) int\nflags open O_ { O_CREAT }\n", `d.txt:1:13: unknown table "opne" (did you mean "open"?)`},
		{"one(a enum(open)) int\nflags open O_ { O_CREAT }\n", `d.txt:1:12: table "open" is declared with flags (flags(open))`},
		{"flags open O_ { O_CREATE }\none(a flags(open)) int\n", `d.txt:1:17: unknown name "O_CREATE" (did you mean "O_CREAT"?)`},
		{"flags open O_ { O_ACCMODE: O_CREAT }\n", `d.txt:1:28: O_CREAT (0x40) has bits outside its mask (0x3)`},
		{"enum e = prefix(NOPE_)\n", `d.txt:1:17: no constant has the prefix "NOPE_"`},
		{"enum e = file(foo)\n", `d.txt:1:15: no facts file "foo" (the files are consts extra ioctls commands errors)`},
		{"one(a buf(count), cont int) int\n", `d.txt:1:11: unknown name "count" (did you mean "cont"?)`},
		{"one(a int, a int) int\n", `d.txt:1:12: one has two arguments a`},
		{"one() int %dsc\n", `d.txt:1:11: unknown class %dsc (did you mean "desc"?)`},
		{"one(a fd) int +fs.read(b)\n", `d.txt:1:24: no argument is called "b"`},
		{"goconst O_DIRECT\n", `d.txt:1:9: O_DIRECT is not the same on all ABIs (Go code must get it from a table or a parameter)`},
		// Types.
		{"one(a buf(ONLY_ARM)) int\n", `d.txt:1:11: ONLY_ARM has no value on amd64 (put the row, structure or type under @ABIs, or defined(ONLY_ARM) in front)`},
		{"one(a s) int\nstruct s { a int }\n", `d.txt:1:7: a structure does not fit a register (ptr(s))`},
		{"one(a array(int, 2)) int\n", `d.txt:1:7: array does not fit a register (ptr(array(...)))`},
		{"type t = array\n", `d.txt:1:10: array is of a type (array(T, ...))`},
		{"one(a ptr(s)) int\nstruct s(n) { a bytes(n) }\n", `d.txt:1:11: s takes 1 parameters, got 0`},
		{"one(a t) int\ntype t(n) = buf(n)\n", `d.txt:1:7: t takes 1 parameters, got 0`},
		{"one(a int(3)) int\n", `d.txt:1:7: int takes no parameters`},
		{"one(a bytes) int\n", `d.txt:1:7: bytes does not fit a register (ptr(bytes(...)))`},
		{"one(a ptr(bytes)) int\n", `d.txt:1:11: bytes takes one number, got 0`},
		{"one(a int:path(3)) int\n", ""},
		{"one(a int:s) int\nstruct s { a int }\n", `d.txt:1:11: "s" is not a number type (i8 u8 ... i64 u64 long ulong be16 be32 be64)`},
		{"one(a inout int) int\n", `d.txt:1:7: inout is for a pointer to a number (A => B shows memory before and after)`},
		{"one(a u64, b u64, c u64, d u64) int\n", `d.txt:1:26: argument d of one would stand in register 7 on i386; there are 6`},
		{"struct s { a s }\n", `d.txt:1:8: structure s contains itself`},
		{"type t = ptr(t)\n", `d.txt:1:14: a type contains itself`},
		{"struct s { a int; a int }\n", `d.txt:1:19: s has two fields a`},
		{"struct s { a int %hiden }\n", `d.txt:1:18: unknown attribute %hiden of a field (did you mean "hidden"?)`},
		{"struct s { a int }\nlayout s arm { b int }\n", `d.txt:1:12: the layout of s for arm has no field a (fields of the structure stand in each layout under the same name)`},
		{"struct s { a bytes(n); n u8 }\n", `d.txt:1:20: the offset of field n is not known (only fields before the first of unknown size can be named)`},
		{"struct s { n be16; a bytes(n) }\n", `d.txt:1:28: field n is big-endian`},
		{"struct s { n bytes(3); a bytes(n) }\n", `d.txt:1:32: field n is not a number`},
		{"struct s { a pad }\n", `d.txt:1:14: pad is for arguments (hide a field with %hidden)`},
		{"struct s { a bytes(0 - 1) }\n", `d.txt:1:14: 18446744073709551615 elements are too many`},
		{"one(a buf(1/0)) int\n", `d.txt:1:12: division by zero`},
		{"one(a ptr(group(int))) int\n", `d.txt:1:17: group() takes a structure`},
		{"switch s(n) { n: int }\none(a s(a)) int\n", `d.txt:1:15: unknown name "n" (no constant, argument or field is called so)`},
		{"switch s { 1: int }\none(a s) int\n", `d.txt:1:8: switch s has no parameter to look at (switch NAME(VALUE) { ... })`},
	} {
		w := worldOf(t, tt.src)
		compile(w)
		got := ""
		if err := w.diags.err(); err != nil {
			got = err.Error()
		}
		if got != tt.want {
			t.Errorf("%q:\n got %s\nwant %s", tt.src, got, tt.want)
		}
	}
}
