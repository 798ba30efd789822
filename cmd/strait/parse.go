package main

import (
	"errors"

	"github.com/spf13/pflag"
)

// environment is what a command line is read against.
type environment struct {
	Name          string // argv[0], which begins every message
	Pid           int    // of this process
	Role          *role  // what it does for one started with -D; nil: nothing
	Root          bool   // the effective user ID is 0
	SELinux       bool   // --secontext is possible
	Calls         callIndex
	Personalities []personality // of this machine, the native one first
	User          func(name string) (credentials, error)
	RealPath      func(string) (string, error)
}

// errHelp is returned when -h is met: whatever follows it does not count.
var errHelp = errors.New("help requested")

// parser carries the options out, one after the other.
type parser struct {
	*environment
	o *Options
}

// parse reads the words after the program's name. The options are never nil:
// upon an error their Warnings are to be printed before it. It looks at each
// option by itself; what they say together is for check.
func (e *environment) parse(args []string) (*Options, error) {
	table := optionTable()
	words, operands, badWord := newGetopt(table).split(args)
	return e.parseWords(table, words, operands, badWord)
}

// parseWords carries out what a command line was split into; badWord is what
// ended the splitting.
func (e *environment) parseWords(table []option, words []word, operands []string, badWord error) (*Options, error) {
	p := &parser{e, defaultOptions()}
	long := make([]string, len(words))
	for i, w := range words {
		long[i] = w.String()
	}
	if err := p.flags(table).Parse(long); err != nil {
		var bad *pflag.InvalidValueError
		if errors.As(err, &bad) {
			err = bad.Unwrap()
		}
		return p.o, err
	}
	if badWord != nil {
		return p.o, badWord
	}
	p.o.Program = operands
	return p.o, nil
}

func newGetopt(table []option) *getopt {
	g := &getopt{short: map[byte]argKind{}}
	for i, o := range table {
		if o.short != "" {
			kind := noArgument
			if o.arg == requiredArgument {
				kind = requiredArgument
			}
			g.short[o.short[0]] = kind
		}
		for _, name := range o.long {
			g.long = append(g.long, longName{name, o.arg, i, o.own})
		}
	}
	return g
}

// absent stands for the argument of an option that has none: no word of a
// command line can hold a NUL.
const absent = "\x00"

// flags makes a flag of each spelling of each option.
func (p *parser) flags(table []option) *pflag.FlagSet {
	fs := pflag.NewFlagSet(p.Name, pflag.ContinueOnError)
	fs.SetInterspersed(false)
	fs.SortFlags = false
	add := func(o *option, name string, short bool) {
		dashes := "--"
		if short {
			dashes = "-"
		}
		f := fs.VarPF(&flagValue{p, o, dashes + name, short}, name, "", "")
		if o.arg != requiredArgument {
			f.NoOptDefVal = absent
		}
	}
	for i := range table {
		o := &table[i]
		if o.short != "" {
			add(o, o.short, true)
		}
		for _, name := range o.long {
			add(o, name, false)
		}
	}
	return fs
}

// flagValue is the pflag.Value of one spelling of an option.
type flagValue struct {
	p     *parser
	o     *option
	as    string
	short bool
}

// Set carries the option out.
func (v *flagValue) Set(s string) error {
	arg := argument{as: v.as, value: s, given: s != absent, short: v.short}
	if !arg.given {
		arg.value = ""
	}
	v.p.o.given[v.o.key(v.short)]++
	return v.o.set(v.p, arg)
}

// String is the value's default, of which there is none to show.
func (v *flagValue) String() string { return "" }

// Type is what pflag calls the kind of value.
func (v *flagValue) Type() string { return v.o.meta }
