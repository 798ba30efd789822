package main

import (
	"fmt"
	"strings"
)

// argKind says whether an option takes an argument, in getopt_long(3)'s terms.
type argKind int

const (
	noArgument argKind = iota
	requiredArgument
	optionalArgument
)

// word is one option as the user spelled it: a single letter or a full long
// name (prefixes are completed), and its argument if it has one.
type word struct {
	name   string
	value  string
	hasArg bool
}

// String is the form pflag parses: --name or --name=value.
func (w word) String() string {
	if w.hasArg {
		return "--" + w.name + "=" + w.value
	}
	return "--" + w.name
}

// longName is one row of the table getopt_long(3) searches. Rows with the same
// owner are spellings of one option, between which a prefix is not ambiguous.
type longName struct {
	name  string
	arg   argKind
	owner int
	exact bool // no prefix of it is accepted
}

// getopt splits a command line the way glibc's getopt_long(3) does with a
// leading '+': options end at "--" or at the first word that is not one.
type getopt struct {
	short map[byte]argKind
	long  []longName
}

// split returns the options in order and the operands that follow them. Upon
// an error the words before it are returned too: what is wrong with their
// values is to be reported first.
func (g *getopt) split(args []string) (words []word, operands []string, err error) {
	for len(args) > 0 {
		arg := args[0]
		switch {
		case arg == "--":
			return words, args[1:], nil
		case strings.HasPrefix(arg, "--"):
			w, rest, err := g.longOption(arg[2:], args[1:])
			if err != nil {
				return words, nil, err
			}
			words, args = append(words, w), rest
		case len(arg) > 1 && arg[0] == '-':
			bundle, rest, err := g.shortOptions(arg[1:], args[1:])
			words = append(words, bundle...)
			if err != nil {
				return words, nil, err
			}
			args = rest
		default:
			return words, args, nil
		}
	}
	return words, nil, nil
}

// shortOptions takes a bundle apart; what follows an option that takes an
// argument is that argument, '=' included.
func (g *getopt) shortOptions(bundle string, rest []string) ([]word, []string, error) {
	var words []word
	for i := 0; i < len(bundle); i++ {
		name := bundle[i : i+1]
		kind, known := g.short[bundle[i]]
		if !known {
			return words, nil, badUsage("invalid option -- '%s'", name)
		}
		if kind == noArgument {
			words = append(words, word{name: name})
			continue
		}
		value := bundle[i+1:]
		if value == "" {
			if len(rest) == 0 {
				return words, nil, badUsage("option requires an argument -- '%s'", name)
			}
			value, rest = rest[0], rest[1:]
		}
		return append(words, word{name, value, true}), rest, nil
	}
	return words, rest, nil
}

// longOption reads --name, --name=value or --name value; text is what follows
// the two dashes.
func (g *getopt) longOption(text string, rest []string) (word, []string, error) {
	prefix, value, hasArg := strings.Cut(text, "=")
	row, err := g.findLong(prefix, text)
	if err != nil {
		return word{}, nil, err
	}
	switch {
	case row.arg == noArgument && hasArg:
		return word{}, nil, badUsage("option '--%s' doesn't allow an argument", row.name)
	case row.arg == requiredArgument && !hasArg:
		if len(rest) == 0 {
			return word{}, nil, badUsage("option '--%s' requires an argument", row.name)
		}
		value, rest, hasArg = rest[0], rest[1:], true
	}
	return word{row.name, value, hasArg}, rest, nil
}

// findLong finds a name by itself or by a prefix that only one option has.
func (g *getopt) findLong(prefix, text string) (longName, error) {
	var found []longName
	for _, row := range g.long {
		if row.name == prefix {
			return row, nil
		}
		if row.exact || !strings.HasPrefix(row.name, prefix) {
			continue
		}
		if len(found) == 0 || row.owner != found[0].owner {
			found = append(found, row)
		}
	}
	switch len(found) {
	case 0:
		return longName{}, badUsage("unrecognized option '--%s'", text)
	case 1:
		return found[0], nil
	}
	var names strings.Builder
	for _, row := range found {
		fmt.Fprintf(&names, " '--%s'", row.name)
	}
	return longName{}, badUsage("option '--%s' is ambiguous; possibilities:%s", text, names.String())
}
