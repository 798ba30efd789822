package main

import (
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"
)

// straitVersion is the version of the whole tool.
const straitVersion = "0.1.0"

// straceVersion is the version of strace whose command line and output are
// ours too.
const straceVersion = "7.2"

// isStrace says whether the program goes by strace's name, so that it is
// strace only.
func isStrace(name string) bool { return filepath.Base(name) == "strace" }

// versionText is what -V prints. The first line has the form that scripts
// take strace's version from.
func versionText(name string) string {
	if isStrace(name) {
		return fmt.Sprintf("strace -- version %s\nThis is strait %s under the name of strace.\n", straceVersion, straitVersion)
	}
	return fmt.Sprintf("strait -- version %s\nCommand line and output of strace %s. Licensed under Apache-2.0.\n",
		straitVersion, straceVersion)
}

// helpText is what -h prints.
func helpText(name string) string {
	base := filepath.Base(name)
	var b strings.Builder
	fmt.Fprintf(&b, "Usage: %s [OPTION]... PROG [ARG]...\n", base)
	fmt.Fprintf(&b, "  or:  %s [OPTION]... -p PID [-p PID]... [PROG [ARG]...]\n", base)
	if !isStrace(name) {
		fmt.Fprintf(&b, "  or:  %s COMMAND [ARG]... (%s help lists them)\n", base, base)
	}
	b.WriteString("Print the system calls that a program makes, and the signals it gets.\n")
	table := optionTable()
	for g := range groupCount {
		fmt.Fprintf(&b, "\n%s:\n", g)
		for _, o := range table {
			if o.group == g {
				b.WriteString(o.helpEntry())
			}
		}
	}
	return b.String()
}

// helpMain is the subcommand help: what there is, or the help of one.
func helpMain(e *environment, args []string, stdout, stderr io.Writer) int {
	if len(args) == 0 {
		fmt.Fprint(stdout, overview(e.Name))
		return 0
	}
	c := findSubcommand([]string{e.Name, args[0]})
	if c == nil {
		fmt.Fprintf(stderr, "%s: no command '%s'\n%s", e.Name, args[0], overview(e.Name))
		return 1
	}
	if c.name == "help" {
		fmt.Fprint(stdout, overview(e.Name))
		return 0
	}
	return c.main(e, []string{"-h"}, stdout, stderr)
}

// overview lists the subcommands.
func overview(name string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "Usage: %s [OPTION]... PROG [ARG]...   trace a program (%s -h has the options)\n", name, name)
	fmt.Fprintf(&b, "  or:  %s COMMAND [ARG]...\n\nCommands (%s COMMAND -h has more):\n", name, name)
	for _, c := range subcommands() {
		fmt.Fprintf(&b, "  %-8s %s\n", c.name, c.about)
	}
	fmt.Fprintf(&b, "\n%s -- PROG traces a PROG that has a COMMAND's name.\n", name)
	return b.String()
}

// helpEntry is the option's part of the help text.
func (o *option) helpEntry() string {
	const width = entryWidth - entryIndent
	text := o.help
	if o.own {
		text += " (not in strace)"
	}
	lines := wrap(text, width)
	if o.tellsWords() {
		lines = append(lines, wrap(o.meta+": "+strings.Join(o.words, ", "), width)...)
	}
	return helpLines(o.synopsis(), lines)
}

// tellsWords says whether what the argument may be has to be told beside the text.
func (o *option) tellsWords() bool {
	return len(o.words) > 1 && slices.ContainsFunc(o.words, func(w string) bool { return !strings.Contains(o.help, w) })
}

// Where the texts of a help page begin, and where lines end.
const entryIndent, entryWidth = 18, 79

// helpLines puts what an option is called before what it does.
func helpLines(head string, lines []string) string {
	var b strings.Builder
	head = "  " + head
	if len(head) < entryIndent {
		fmt.Fprintf(&b, "%-*s%s\n", entryIndent, head, lines[0])
		lines = lines[1:]
	} else {
		b.WriteString(head + "\n")
	}
	for _, line := range lines {
		fmt.Fprintf(&b, "%*s%s\n", entryIndent, "", line)
	}
	return b.String()
}

// synopsis is the option's spellings and its argument: "-s N,
// --string-limit=N".
func (o *option) synopsis() string {
	var forms []string
	if o.short != "" {
		form := "-" + o.short
		if o.arg == requiredArgument {
			form += " " + o.meta
		}
		forms = append(forms, form)
	}
	if len(o.long) > 0 {
		form := "--" + o.long[0]
		switch o.arg {
		case requiredArgument:
			form += "=" + o.meta
		case optionalArgument:
			form += "[=" + o.meta + "]"
		}
		forms = append(forms, form)
	}
	return strings.Join(forms, ", ")
}

// wrap breaks text at blanks into lines of at most width columns; a longer
// word has a line of its own.
func wrap(text string, width int) []string {
	var lines []string
	line := ""
	for _, w := range strings.Fields(text) {
		switch {
		case line == "":
			line = w
		case len(line)+1+len(w) <= width:
			line += " " + w
		default:
			lines = append(lines, line)
			line = w
		}
	}
	return append(lines, line)
}
