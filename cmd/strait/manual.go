package main

import (
	"fmt"
	"strings"

	"github.com/spf13/pflag"
)

// manualOptions is the part of the manual that lists the options, in man(7)'s
// macros.
func manualOptions(table []option) string {
	var b strings.Builder
	for g := range groupCount {
		fmt.Fprintf(&b, ".SS %s\n", g)
		for _, o := range table {
			if o.group == g {
				b.WriteString(o.manualEntry("--"))
			}
		}
	}
	return b.String()
}

// manualCommands is the part of the manual that lists the subcommands and their
// flags.
func manualCommands(forms []commandForm) string {
	var b strings.Builder
	for _, c := range forms {
		fmt.Fprintf(&b, ".SS strait %s\n.B strait %s\n[\\fIflag\\fP]... %s\n.PP\n%s.\n", c.name, c.name,
			roff(c.args), roff(strings.ToUpper(c.about[:1])+c.about[1:]))
		for _, g := range c.groups {
			if g.title != "" {
				fmt.Fprintf(&b, ".PP\n\\fI%s\\fP\n", g.title)
			}
			g.flags.VisitAll(func(f *pflag.Flag) {
				o := flagOption(f)
				b.WriteString(o.manualEntry(c.dash))
			})
		}
	}
	return b.String()
}

// manualEntry is the option's entry, with its long name after dash.
func (o *option) manualEntry(dash string) string {
	var forms []string
	if o.short != "" {
		form := `\fB\-` + o.short + `\fP`
		if o.arg == requiredArgument {
			form += ` \fI` + roff(o.meta) + `\fP`
		}
		forms = append(forms, form)
	}
	if len(o.long) > 0 {
		form := `\fB` + roff(dash+o.long[0]) + `\fP`
		switch o.arg {
		case requiredArgument:
			form += `=\fI` + roff(o.meta) + `\fP`
		case optionalArgument:
			form += `[=\fI` + roff(o.meta) + `\fP]`
		}
		forms = append(forms, form)
	}
	text := roff(strings.ToUpper(o.help[:1]) + o.help[1:] + ".")
	if o.own {
		text += ` (\fINot in strace.\fP)`
	}
	entry := ".TP\n" + strings.Join(forms, ", ") + "\n" + text + "\n"
	if o.tellsWords() {
		entry += ".br\n" + `\fI` + roff(o.meta) + `\fP is ` + roff(strings.Join(o.words, ", ")) + ".\n"
	}
	return entry
}

// roff escapes backslashes, hyphens, which are to be copied as such, and what would
// begin a request.
func roff(s string) string {
	s = strings.NewReplacer(`\`, `\e`, "-", `\-`).Replace(s)
	if strings.HasPrefix(s, ".") || strings.HasPrefix(s, "'") {
		s = `\&` + s
	}
	return s
}
