package main

//go:generate go test -run TestGenerated -update .

import (
	"fmt"
	"strings"
)

// completionFiles are the completions for each shell, made from the option
// table, by file name.
func completionFiles() map[string]string {
	table := optionTable()
	return map[string]string{
		"strait.bash": bashCompletion(table),
		"_strait":     zshCompletion(table),
		"strait.fish": fishCompletion(table),
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
	case "FILE", "PATH":
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

// qualifierWords are the beginnings of -e expressions.
func qualifierWords() []string {
	var words []string
	for _, q := range qualifiers() {
		words = append(words, q.name+"=")
	}
	return words
}

// takers are the spellings of the options whose argument may be a word of its
// own, and of those that may have one after '='.
func takers(table []option) (separate, attached []string) {
	for _, o := range table {
		if o.short != "" && o.arg == requiredArgument {
			separate = append(separate, "-"+o.short)
		}
		for _, name := range o.long {
			if o.arg == requiredArgument {
				separate = append(separate, "--"+name)
			}
			if o.arg != noArgument {
				attached = append(attached, "--"+name)
			}
		}
	}
	return separate, attached
}

func bashCompletion(table []option) string {
	var names, cases strings.Builder
	separate, _ := takers(table)
	for _, o := range table {
		var forms []string
		if o.short != "" {
			names.WriteString(" -" + o.short)
			if o.arg == requiredArgument {
				forms = append(forms, "-"+o.short)
			}
		}
		for i, name := range o.long {
			if i == 0 {
				names.WriteString(" --" + name)
			}
			forms = append(forms, "--"+name)
		}
		if words := o.bashWords(); words != "" && len(forms) > 0 {
			fmt.Fprintf(&cases, "\t%s) %s ;;\n", strings.Join(forms, "|"), words)
		}
	}
	return fmt.Sprintf(bashFrame, strings.Join(separate, "|"), cases.String(),
		strings.TrimSpace(names.String()), strings.Join(subcommandNames(), " "))
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

// The bash completion: the options that take a word of their own, what each
// is completed by, all options, the subcommands.
const bashFrame = `# bash completion for strait, generated from its option table.

_strait_argument() {
	local option=$1 word=$2
	case $option in
%[2]s	esac
}

_strait() {
	local word=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD-1]} i=1
	COMPREPLY=()
	# Behind PROG its own completion goes on.
	while ((i < COMP_CWORD)); do
		case ${COMP_WORDS[i]} in
		--) ((i++)); break ;;
		%[1]s) ((i++)) ;;
		=) ((i++)) ;;
		-*) ;;
		*) break ;;
		esac
		((i++))
	done
	if ((i < COMP_CWORD)) && declare -F _command_offset >/dev/null; then
		_command_offset $i
		return
	fi
	if [[ $word == = ]]; then
		_strait_argument "$previous" ""
		return
	fi
	if [[ $previous == = ]]; then
		_strait_argument "${COMP_WORDS[COMP_CWORD-2]}" "$word"
		return
	fi
	case $previous in
	%[1]s)
		_strait_argument "$previous" "$word"
		return ;;
	esac
	if [[ $word == -* ]]; then
		COMPREPLY=($(compgen -W '%[3]s' -- "$word"))
		return
	fi
	COMPREPLY=($(compgen -c -- "$word"))
	if ((COMP_CWORD == 1)); then
		COMPREPLY+=($(compgen -W '%[4]s' -- "$word"))
	fi
}

complete -F _strait -o default strait
`

func zshCompletion(table []option) string {
	var b strings.Builder
	b.WriteString("#compdef strait\n# zsh completion for strait, generated from its option table.\n\n_arguments -s -S -A '-*' \\\n")
	for _, o := range table {
		if o.short != "" {
			spec := "-" + o.short
			if o.arg == requiredArgument {
				spec += "+"
			}
			fmt.Fprintf(&b, "\t'*%s[%s]%s' \\\n", spec, zshText(o.brief()), o.zshArgument(o.arg == requiredArgument, ""))
		}
		for i, name := range o.long {
			spec, sign := "--"+name, ""
			switch o.arg {
			case requiredArgument:
				spec += "="
			case optionalArgument:
				spec, sign = spec+"=-", ":"
			}
			if i == 0 {
				fmt.Fprintf(&b, "\t'*%s[%s]%s' \\\n", spec, zshText(o.brief()), o.zshArgument(o.arg != noArgument, sign))
			}
		}
	}
	b.WriteString("\t'(-):program: _command_names -e' \\\n\t'*::argument: _normal'\n")
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

func fishCompletion(table []option) string {
	var b strings.Builder
	separate, _ := takers(table)
	fmt.Fprintf(&b, fishFrame, strings.Join(separate, " "), strings.Join(subcommandNames(), " "))
	for _, o := range table {
		line := "complete -c strait -n __strait_options"
		if o.short != "" && o.arg == optionalArgument {
			fmt.Fprintf(&b, "%s -s %s -d '%s'\n", line, o.short, fishText(o.brief()))
		} else if o.short != "" {
			line += " -s " + o.short
		}
		if len(o.long) > 0 {
			line += " -l " + o.long[0]
		}
		fmt.Fprintf(&b, "%s%s -d '%s'\n", line, o.fishArgument(), fishText(o.brief()))
	}
	return b.String()
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

func fishText(s string) string {
	return strings.NewReplacer(`\`, `\\`, "'", `\'`).Replace(s)
}

// The fish completion: the options that take a word of their own, and the
// subcommands.
const fishFrame = `# fish completion for strait, generated from its option table.

# Options are completed before PROG only.
function __strait_options
    set -l takers %[1]s
    set -l skip 0
    for word in (commandline -opc)[2..]
        if test $skip = 1
            set skip 0
        else if contains -- $word $takers
            set skip 1
        else if not string match -q -- '-*' $word; or test $word = --
            return 1
        end
    end
    return 0
end

complete -c strait -n 'not __strait_options' -x -a '(__fish_complete_subcommand --fcs-skip=1)'
complete -c strait -n __strait_options -f -a '(__fish_complete_command)'
complete -c strait -n '__fish_is_nth_token 1' -f -a '%[2]s'
`
