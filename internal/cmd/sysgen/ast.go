package main

import "strings"

// abiNames are the ABIs in the order of the columns and of syscalls.ABIID.
var abiNames = [...]string{"amd64", "i386", "x32", "arm64", "arm", "riscv64"}

const numABI = len(abiNames)

// An abiSet is a set of ABIs; 0 stands for all that nothing else is said about.
type abiSet uint8

func (s abiSet) has(abi int) bool { return s>>abi&1 != 0 }

func (s abiSet) String() string {
	var names []string
	for i, n := range abiNames {
		if s.has(i) {
			names = append(names, n)
		}
	}
	return strings.Join(names, ",")
}

// A header is what every named statement begins with.
type header struct {
	at     position
	name   string
	abis   abiSet
	params []string
}

type stmt interface{ head() *header }

func (h *header) head() *header { return h }

type (
	// callStmt is NAME@ABI(ARGS) RESULT ...
	callStmt struct {
		header
		args       []declared
		ret        *typeExpr
		classes    []word
		effects    []effect
		neverFails bool
		noReturn   bool
		showNames  bool
	}
	// aliasStmt is NEW = OLD.
	aliasStmt struct {
		header
		old     word
		oldABIs abiSet
	}
	// tableStmt is flags or enum NAME PREFIX { ... }, or = prefix(X), file(X).
	tableStmt struct {
		header
		enum           bool
		bits, ordinals bool // the values are numbers of bits, or one more
		prefix         string
		items          []tableItem
		from           string // "prefix", "file" or ""
		fromOf         word
		also           []word // more files
		except         []exception
	}
	// exception is NAME[@ABIS], which a table leaves out on these, or on all.
	exception struct {
		word
		abis abiSet
	}
	// structStmt is struct or union NAME(PARAMS) { ... }.
	structStmt struct {
		header
		union, packed bool
		align         uint32
		fields        []declared
	}
	// layoutStmt is layout NAME ABIS { ... }.
	layoutStmt struct {
		header
		fields []declared
	}
	// switchStmt is switch NAME(PARAMS) on EXPR { ... }.
	switchStmt struct {
		header
		on    *expr // nil: the first parameter
		cases []switchItem
		other *typeExpr // nil: none
	}
	// attrsStmt is attrs NAME(PARAMS) PREFIX { ... }: netlink attributes.
	attrsStmt struct {
		header
		prefix string
		table  word // enum(TABLE) in the place of the prefix: the names are from there
		items  []tableItem
		cases  []switchItem
		other  *typeExpr
	}
	// typeStmt is type NAME(PARAMS) = TYPE.
	typeStmt struct {
		header
		typ *typeExpr
	}
	// goconstStmt is goconst NAME...
	goconstStmt struct {
		header
		names []word
	}
)

// A word is a name and where it stands.
type word struct {
	at   position
	text string
}

// declared is an argument or a field: NAME TYPE %ATTRIBUTE...
type declared struct {
	word
	reg   int // register of an argument, -1: the next one
	typ   *typeExpr
	attrs []word
}

type effect struct {
	word
	args []word
}

// tableItem is NAME, NAME=EXPR, or one of these under a mask.
type tableItem struct {
	word
	val  *expr // nil: the constant of that name
	mask *expr // nil: none
}

type switchItem struct {
	vals []*expr
	typ  *typeExpr
}

type typeOp uint8

const (
	typeName    typeOp = iota // name(types, exprs):store
	typeOut                   // out a
	typeExit                  // exit a
	typeInOut                 // inout a
	typeBegun                 // begun a
	typeIf                    // a if cond else b
	typeThen                  // a => b
	typeComment               // a comment b
	typeNote                  // a note text b
	typeNames                 // a names b
)

type typeExpr struct {
	at    position
	op    typeOp
	name  string
	types []*typeExpr
	exprs []*expr
	text  string    // of lit and note
	ref   word      // the table of flags(), the decoder of func(), the attributes of attrs()
	store *typeExpr // behind the colon, or nil
	cond  *expr
	a, b  *typeExpr
}

type expr struct {
	at   position
	op   string // "num", "name", "call", or the operator; "?:"
	name string
	val  uint64
	kids []*expr
	typ  *typeExpr // of sizeof and deref
}
