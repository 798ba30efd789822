package main

import (
	"fmt"
	"strings"
)

// manualOptions is the part of the manual that lists the options, in man(7)'s
// macros.
func manualOptions(table []option) string {
	var b strings.Builder
	for g := range groupCount {
		fmt.Fprintf(&b, ".SS %s\n", g)
		for _, o := range table {
			if o.group == g {
				b.WriteString(o.manualEntry())
			}
		}
	}
	return b.String()
}

func (o *option) manualEntry() string {
	var forms []string
	if o.short != "" {
		form := `\fB\-` + o.short + `\fP`
		if o.arg == requiredArgument {
			form += ` \fI` + roff(o.meta) + `\fP`
		}
		forms = append(forms, form)
	}
	if len(o.long) > 0 {
		form := `\fB\-\-` + roff(o.long[0]) + `\fP`
		switch o.arg {
		case requiredArgument:
			form += `=\fI` + roff(o.meta) + `\fP`
		case optionalArgument:
			form += `[=\fI` + roff(o.meta) + `\fP]`
		}
		forms = append(forms, form)
	}
	text := strings.ToUpper(o.help[:1]) + o.help[1:] + "."
	if o.own {
		text += ` (\fINot in strace.\fP)`
	}
	entry := ".TP\n" + strings.Join(forms, ", ") + "\n" + roff(text) + "\n"
	if len(o.words) > 1 {
		entry += ".br\n" + `\fI` + roff(o.meta) + `\fP is ` + roff(strings.Join(o.words, ", ")) + ".\n"
	}
	return entry
}

// roff escapes hyphens, which are to be copied as such, and what would begin a
// request.
func roff(s string) string {
	s = strings.ReplaceAll(s, "-", `\-`)
	if strings.HasPrefix(s, ".") || strings.HasPrefix(s, "'") {
		s = `\&` + s
	}
	return s
}
