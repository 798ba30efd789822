package main

//go:generate go test -run TestGenerated -update .

import (
	"fmt"
	"slices"
	"strings"
)

// completionFiles are the completions for each shell, made from the option table and
// the flags of the subcommands, by file name.
func completionFiles() map[string]string {
	forms := append([]commandForm{tracingForm()}, commandForms()...)
	return map[string]string{
		"strait.bash": bashCompletion(forms),
		"_strait":     zshCompletion(forms),
		"strait.fish": fishCompletion(forms),
	}
}

// operand is what kind of thing an argument is, for the shell to complete.
type operand int

const (
	operandNone operand = iota
	operandWords
	operandFile
	operandPID
	operandUser
	operandSignals
)

func (o *option) operand() operand {
	switch {
	case o.arg == noArgument:
		return operandNone
	case len(o.words) > 0:
		return operandWords
	}
	switch o.meta {
	case "FILE", "PATH", "DIR":
		return operandFile
	case "PID":
		return operandPID
	case "USER":
		return operandUser
	case "SIGNALS":
		return operandSignals
	}
	return operandNone
}

func subcommandNames() []string {
	var names []string
	for _, c := range subcommands() {
		names = append(names, c.name)
	}
	return names
}

func policyVerbNames() []string {
	var names []string
	for _, v := range policyVerbs() {
		names = append(names, v.name)
	}
	return names
}

// withoutProgram are the subcommands after which no program comes.
func withoutProgram(forms []commandForm) []string {
	names := []string{"policy", "help"}
	for _, c := range forms {
		if !c.program && !strings.Contains(c.name, " ") {
			names = append(names, c.name)
		}
	}
	return names
}

// qualifierWords are the beginnings of -e expressions.
func qualifierWords() []string {
	var words []string
	for _, q := range qualifiers() {
		words = append(words, q.name+"=")
	}
	return words
}

// takers are the spellings of the options whose argument may be a word of its own.
func (c *commandForm) takers() (names []string) {
	for _, o := range c.all() {
		if o.arg == requiredArgument {
			names = append(names, c.spell(&o)...)
		}
	}
	return names
}

func bashCompletion(forms []commandForm) string {
	var arguments, takers, names strings.Builder
	for _, c := range forms {
		var takes, all []string
		for _, o := range c.all() {
			spelt := c.spell(&o)
			all = append(all, o.first(spelt)...)
			if o.short != "" && o.arg == optionalArgument {
				spelt = spelt[1:]
			}
			for i := range spelt {
				spelt[i] = bashKey(c.name, spelt[i])
			}
			if o.arg == requiredArgument {
				takes = append(takes, spelt...)
			}
			if words := o.bashWords(); words != "" && len(spelt) > 0 {
				fmt.Fprintf(&arguments, "\t%s) %s ;;\n", strings.Join(spelt, "|"), words)
			}
		}
		if len(takes) > 0 {
			fmt.Fprintf(&takers, "\t%s) ;;\n", strings.Join(takes, "|"))
		}
		fmt.Fprintf(&names, "\t'%s') echo '%s' ;;\n", c.name, strings.Join(all, " "))
	}
	return fmt.Sprintf(bashFrame, arguments.String(), takers.String(), names.String(),
		strings.Join(subcommandNames(), " "), strings.Join(policyVerbNames(), " "),
		strings.Join(slices.DeleteFunc(subcommandNames(), func(s string) bool { return s == "policy" || s == "help" }), "|"),
		strings.Join(withoutProgram(forms), "|"))
}

// bashKey is what the completion knows an option of a command by, as a pattern.
func bashKey(command, option string) string {
	return strings.ReplaceAll(command, " ", `\ `) + ":" + option
}

// first are an option's spellings without the hidden aliases.
func (o *option) first(spelt []string) []string {
	n := min(len(o.long), 1)
	if o.short != "" {
		n++
	}
	return spelt[:n]
}

func (o *option) bashWords() string {
	switch o.operand() {
	case operandWords:
		return fmt.Sprintf(`COMPREPLY=($(compgen -W '%s' -- "$word"))`, strings.Join(o.words, " "))
	case operandFile:
		return `COMPREPLY=($(compgen -f -- "$word"))`
	case operandPID:
		return `COMPREPLY=($(compgen -W "$(cd /proc && echo [0-9]*)" -- "$word"))`
	case operandUser:
		return `COMPREPLY=($(compgen -u -- "$word"))`
	case operandSignals:
		return `COMPREPLY=($(compgen -A signal -- "$word"))`
	}
	if o.short == "e" {
		return fmt.Sprintf(`COMPREPLY=($(compgen -W '%s' -- "$word")); compopt -o nospace 2>/dev/null`,
			strings.Join(qualifierWords(), " "))
	}
	return ""
}

// The bash completion: what the arguments of options are completed by, which options
// have one, all options, the subcommands, the verbs of policy, the subcommands with flags
// and no verbs, and those after which no program comes.
const bashFrame = `# bash completion for strait, generated from its option table.

# What the argument of an option of a command is completed by.
_strait_argument() {
	local word=$3
	case $1:$2 in
%[1]s	esac
}

# Whether it is a word of its own.
_strait_takes() {
	case $1:$2 in
%[2]s	*) return 1 ;;
	esac
}

_strait_options() {
	case $1 in
%[3]s	esac
}

_strait() {
	local word=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD-1]} command= i=1
	COMPREPLY=()
	if ((COMP_CWORD > 1)); then
		case ${COMP_WORDS[1]} in
		policy|help)
			if ((COMP_CWORD == 2)); then
				local words='%[4]s'
				[[ $previous == policy ]] && words='%[5]s'
				COMPREPLY=($(compgen -W "$words" -- "$word"))
				return
			fi
			command="${COMP_WORDS[1]} ${COMP_WORDS[2]}" i=3 ;;
		%[6]s)
			command=${COMP_WORDS[1]} i=2 ;;
		esac
	fi
	case ${command%%%% *} in
	%[7]s) ;;
	*) # Behind PROG its own completion goes on.
		while ((i < COMP_CWORD)); do
			case ${COMP_WORDS[i]} in
			--) ((i++)); break ;;
			=) ((i++)) ;;
			-*) _strait_takes "$command" "${COMP_WORDS[i]}" && ((i++)) ;;
			*) break ;;
			esac
			((i++))
		done
		if ((i < COMP_CWORD)) && declare -F _command_offset >/dev/null; then
			_command_offset $i
			return
		fi ;;
	esac
	if [[ $word == = ]]; then
		_strait_argument "$command" "$previous" ""
	elif [[ $previous == = ]]; then
		_strait_argument "$command" "${COMP_WORDS[COMP_CWORD-2]}" "$word"
	elif _strait_takes "$command" "$previous"; then
		_strait_argument "$command" "$previous" "$word"
	elif [[ $word == -* ]]; then
		COMPREPLY=($(compgen -W "$(_strait_options "$command")" -- "$word"))
	else
		case ${command%%%% *} in
		%[7]s) COMPREPLY=($(compgen -f -- "$word")) ;;
		*) COMPREPLY=($(compgen -c -- "$word")) ;;
		esac
		if ((COMP_CWORD == 1)); then
			COMPREPLY+=($(compgen -W '%[4]s' -- "$word"))
		fi
	fi
}

complete -F _strait -o default strait
`

func zshCompletion(forms []commandForm) string {
	var b strings.Builder
	for _, c := range forms[1:] {
		words := strings.Fields(c.name)
		fmt.Fprintf(&b, "%s)\n\tshift %d words; (( CURRENT -= %d ))\n%s\treturn ;;\n",
			strings.Join(words, `\ `), len(words), len(words), c.zshArguments())
	}
	return fmt.Sprintf(zshFrame, strings.Join(policyVerbNames(), " "), strings.Join(subcommandNames(), " "),
		b.String(), forms[0].zshArguments())
}

// The zsh completion: the verbs of policy, the subcommands, what is done for each, and
// for tracing.
const zshFrame = `#compdef strait
# zsh completion for strait, generated from its option table.

local command=$words[2]
case $command in
policy|help)
	if (( CURRENT == 3 )); then
		if [[ $command == policy ]]; then
			compadd %[1]s
		else
			compadd %[2]s
		fi
		return
	fi
	command="$command $words[3]" ;;
esac
if (( CURRENT == 2 )); then
	command=
	[[ $PREFIX == -* ]] || compadd %[2]s
fi
case $command in
%[3]sesac
%[4]s`

// zshArguments has _arguments complete the form.
func (c *commandForm) zshArguments() string {
	var b strings.Builder
	if c.program {
		b.WriteString("\t_arguments -s -S -A '-*' \\\n")
	} else {
		b.WriteString("\t_arguments -S \\\n")
	}
	for _, o := range c.all() {
		if o.short != "" {
			spec := "-" + o.short
			if o.arg == requiredArgument {
				spec += "+"
			}
			fmt.Fprintf(&b, "\t\t'*%s[%s]%s' \\\n", spec, zshText(o.brief()), o.zshArgument(o.arg == requiredArgument, ""))
		}
		for i, name := range o.long {
			spec, sign := c.dash+name, ""
			switch o.arg {
			case requiredArgument:
				spec += "="
			case optionalArgument:
				spec, sign = spec+"=-", ":"
			}
			if i == 0 {
				fmt.Fprintf(&b, "\t\t'*%s[%s]%s' \\\n", spec, zshText(o.brief()), o.zshArgument(o.arg != noArgument, sign))
			}
		}
	}
	if c.program {
		b.WriteString("\t\t'(-):program: _command_names -e' \\\n\t\t'*::argument: _normal'\n")
	} else {
		b.WriteString("\t\t'*:file:_files'\n")
	}
	return b.String()
}

// zshArgument is how _arguments says what an option takes; sign is a second
// colon for what may be absent.
func (o *option) zshArgument(takes bool, sign string) string {
	if !takes {
		return ""
	}
	action := " "
	switch o.operand() {
	case operandWords:
		action = "(" + strings.Join(o.words, " ") + ")"
	case operandFile:
		action = "_files"
	case operandPID:
		action = "_pids"
	case operandUser:
		action = "_users"
	case operandSignals:
		action = "_signals"
	}
	if o.short == "e" {
		action = "(" + strings.Join(qualifierWords(), " ") + ")"
	}
	return ":" + sign + strings.ReplaceAll(zshText(o.meta), ":", `\:`) + ":" + action
}

// zshText makes text fit between brackets and single quotes.
func zshText(s string) string {
	s = strings.NewReplacer(`\`, `\\`, "[", `\[`, "]", `\]`, "'", "’", ":", `\:`).Replace(s)
	return s
}

func fishCompletion(forms []commandForm) string {
	var takers, options strings.Builder
	for _, c := range forms {
		if c.program {
			fmt.Fprintf(&takers, "        case %s\n            set takers %s\n", c.fishName(), strings.Join(c.takers(), " "))
		}
	}
	for _, c := range forms {
		for _, o := range c.all() {
			c.fishOption(&options, &o)
		}
	}
	var flagged []string
	for _, c := range forms[1:] {
		if !strings.Contains(c.name, " ") {
			flagged = append(flagged, c.name)
		}
	}
	return fmt.Sprintf(fishFrame, takers.String(), strings.Join(subcommandNames(), " "), strings.Join(policyVerbNames(), " "),
		strings.Join(flagged, " ")) + options.String()
}

// fishName is what the completion calls a command.
func (c *commandForm) fishName() string {
	if c.name == "" {
		return "trace"
	}
	return fishQuote(c.name)
}

func (c *commandForm) fishOption(b *strings.Builder, o *option) {
	line := fmt.Sprintf("complete -c strait -n '__strait_in %s'", strings.Trim(c.fishName(), "'"))
	if o.short != "" && o.arg == optionalArgument && len(o.long) > 0 {
		fmt.Fprintf(b, "%s -s %s -d '%s'\n", line, o.short, fishText(o.brief()))
	} else if o.short != "" {
		line += " -s " + o.short
	}
	if len(o.long) > 0 {
		kind := " -l "
		if c.dash == "-" {
			kind = " -o "
		}
		line += kind + o.long[0]
	}
	fmt.Fprintf(b, "%s%s -d '%s'\n", line, o.fishArgument(), fishText(o.brief()))
}

// brief is the first clause of the help text.
func (o *option) brief() string {
	clause, _, _ := strings.Cut(o.help, ";")
	clause, _, _ = strings.Cut(clause, ": ")
	return clause
}

func (o *option) fishArgument() string {
	how := ""
	if o.arg == requiredArgument {
		how = " -r"
	}
	switch o.operand() {
	case operandWords:
		return how + " -f -a '" + strings.Join(o.words, " ") + "'"
	case operandFile:
		return how + " -F"
	case operandPID:
		return how + " -f -a '(__fish_complete_pids)'"
	case operandUser:
		return how + " -f -a '(__fish_complete_users)'"
	}
	if o.short == "e" {
		return how + " -f -a '" + strings.Join(qualifierWords(), " ") + "'"
	}
	if how != "" {
		how += " -f"
	}
	return how
}

func fishQuote(s string) string { return "'" + fishText(s) + "'" }

func fishText(s string) string {
	return strings.NewReplacer(`\`, `\\`, "'", `\'`).Replace(s)
}

// The fish completion: the options that take a word of their own by command, the
// subcommands, the verbs of policy, and the subcommands with flags and no verbs.
const fishFrame = `# fish completion for strait, generated from its option table.

# The command whose options are completed here, "trace" if there is none; nothing behind
# PROG.
function __strait_command
    set -l words (commandline -opc)
    set -e words[1]
    set -l command trace
    if set -q words[1]
        if contains -- $words[1] %[4]s
            set command $words[1]
            set -e words[1]
        else if contains -- $words[1] policy help
            set command $words[1]
            set -e words[1]
            if set -q words[1]
                set command "$command $words[1]"
                set -e words[1]
            end
        end
    end
    set -l takers
    switch $command
%[1]s        case '*'
            echo $command
            return 0
    end
    while set -q words[1]
        if contains -- $words[1] $takers
            set -e words[1]
        else if test $words[1] = --
            set -e words[1]
            set -g __strait_program $words
            return 1
        else if not string match -q -- '-*' $words[1]
            set -g __strait_program $words
            return 1
        end
        set -q words[1]; and set -e words[1]
    end
    echo $command
end

function __strait_in
    set -l command (__strait_command)
    test "$command" = "$argv"
end

complete -c strait -n '__strait_in' -x -a '(__fish_complete_subcommand --commandline $__strait_program (commandline -ct))'
complete -c strait -n '__strait_in trace' -f -a '(__fish_complete_command)'
complete -c strait -n '__strait_in run' -f -a '(__fish_complete_command)'
complete -c strait -n '__strait_in learn' -f -a '(__fish_complete_command)'
complete -c strait -n '__fish_is_nth_token 1' -f -a '%[2]s'
complete -c strait -n '__strait_in help' -f -a '%[2]s'
complete -c strait -n '__strait_in policy' -f -a '%[3]s'
`
