package main

import (
	"flag"
	"io"
	"slices"
	"strings"

	"github.com/spf13/pflag"
)

// A commandForm is a subcommand, or a verb of one, as it stands on a command line.
// The manual and the completions are made from it; the texts are those of -h.
type commandForm struct {
	name    string // "run", "policy check"
	args    string // what follows the flags
	about   string // begins with a small letter, and has no full stop
	groups  []flagGroup
	program bool // a program follows, with arguments of its own
	traces  bool // the options of tracing may stand among the flags
	dash    string
}

// commandForms are all that have flags.
func commandForms() []commandForm {
	forms := []commandForm{
		{name: "run", args: "[--] PROG [ARG]...", groups: runFlags(&runOptions{}), program: true, traces: true},
		verbForm("learn", learnVerb()),
		{name: "test", args: "PATH...", groups: oneGroup(goFlags((&testFlags{}).set())), dash: "-"},
		{name: "diff", args: "A B", groups: oneGroup((&diffFlags{}).set())},
	}
	for i := range forms {
		for _, c := range subcommands() {
			if c.name == forms[i].name {
				forms[i].about = c.about
			}
		}
	}
	forms[1].program = true
	for _, verb := range policyVerbs() {
		forms = append(forms, verbForm("policy "+verb.name, &verb))
	}
	for i := range forms {
		if forms[i].dash == "" {
			forms[i].dash = "--"
		}
	}
	return forms
}

func verbForm(name string, verb *policyVerb) commandForm {
	v := newPolicyCommand(name, io.Discard, io.Discard)
	verb.setup(v)
	return commandForm{name: name, args: strings.TrimPrefix(verb.args, "-o POLICY "), about: verb.about, groups: oneGroup(v.flags)}
}

// A flagGroup is a section of the help text.
type flagGroup struct {
	title string
	flags *pflag.FlagSet
}

func oneGroup(f *pflag.FlagSet) []flagGroup { return []flagGroup{{"", f}} }

// goFlags are flags of the standard library's kind as pflag's.
func goFlags(f *flag.FlagSet) *pflag.FlagSet {
	p := pflag.NewFlagSet(f.Name(), pflag.ContinueOnError)
	p.AddGoFlagSet(f)
	return p
}

// options are the form's flags, in the table's form: without those of tracing.
func (c *commandForm) options() []option {
	var list []option
	for _, g := range c.groups {
		g.flags.VisitAll(func(f *pflag.Flag) { list = append(list, flagOption(f)) })
	}
	return list
}

// all are the form's flags, -h, and the options of tracing that may stand among
// them.
func (c *commandForm) all() []option {
	list := c.options()
	used := map[string]bool{}
	for _, o := range list {
		used[o.short] = true
		for _, name := range o.long {
			used[name] = true
		}
	}
	if !c.traces {
		return append(list, option{short: "h", long: []string{"help"}, help: "print how to use it"})
	}
	for _, o := range optionTable() {
		if used[o.short] {
			o.short = ""
		}
		o.long = slices.DeleteFunc(slices.Clone(o.long), func(name string) bool { return used[name] })
		if o.short != "" || len(o.long) > 0 {
			list = append(list, o)
		}
	}
	return list
}

// flagOption is a flag of a subcommand as a row of the option table. What its
// argument is called stands in backquotes in its usage; if that begins with it, the
// rest is the text.
func flagOption(f *pflag.Flag) option {
	o := option{short: f.Shorthand, long: []string{f.Name}, words: f.Annotations[flagWords]}
	if len(f.Name) == 1 {
		o.short, o.long = f.Name, nil
	}
	o.meta, o.help = pflag.UnquoteUsage(f)
	if after, ok := strings.CutPrefix(f.Usage, "`"+o.meta+"` "); ok {
		o.help = after
	}
	switch {
	case takesNothing(f):
		o.meta = ""
	case f.NoOptDefVal != "":
		o.arg = optionalArgument
	default:
		o.arg = requiredArgument
	}
	return o
}

// takesNothing says whether a flag is one that is there or not.
func takesNothing(f *pflag.Flag) bool {
	return f.NoOptDefVal == "true" && !strings.Contains(f.Usage, "`")
}

// flagWords is the annotation that has what a flag's argument may be.
const flagWords = "words"

// among declares what the argument of a flag may be.
func among(f *pflag.FlagSet, name string, words ...string) {
	if err := f.SetAnnotation(name, flagWords, words); err != nil {
		panic(err) // no such flag
	}
}

// checkWord refuses an argument that is not among those declared.
func checkWord(f *pflag.FlagSet, name string) error {
	flag := f.Lookup(name)
	words, word := flag.Annotations[flagWords], flag.Value.String()
	if slices.Contains(words, word) {
		return nil
	}
	return badUsage("--%s=%s: there are %s", name, word, strings.Join(words, ", "))
}

// spell is an option's names as the form has them: one dash or two.
func (c *commandForm) spell(o *option) (names []string) {
	if o.short != "" {
		names = append(names, "-"+o.short)
	}
	for _, name := range o.long {
		names = append(names, c.dash+name)
	}
	return names
}

// tracingForm is strait without a subcommand.
func tracingForm() commandForm { return commandForm{program: true, traces: true, dash: "--"} }
