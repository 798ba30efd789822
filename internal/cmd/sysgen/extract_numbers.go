package main

import (
	"fmt"
	"strings"
)

const numbersText = `
System call numbers: name, then the number for each ABI,
  ` + abiColumns + `
with - where an ABI lacks the call. Names are the kernel's (__NR_name).

x32 numbers are written without __X32_SYSCALL_BIT (0x40000000).
arm (EABI) has private calls from 0xf0001 up (__ARM_NR_name): breakpoint,
cacheflush, usr26, usr32, set_tls, get_tls.
A name the headers define as another name for the same number is in aliases.txt.
`

const aliasesText = `
Other names of system calls: alias, then the name in numbers.txt.
`

// extractNumbers evaluates every __NR_ and __ARM_NR_ macro of asm/unistd.h.
// aliases maps a macro that is defined as another one to that one.
func (c *compiler) extractNumbers() (numbers factTable, aliases map[string]string, err error) {
	numbers, aliases = factTable{}, map[string]string{}
	for column, a := range abis() {
		values, alias, err := c.callNumbers(a)
		if err != nil {
			return nil, nil, fmt.Errorf("extract call numbers of %s: %w", a.name, err)
		}
		for name, k := range values {
			numbers.set(name, "", column, k)
		}
		for name, of := range alias {
			aliases[name] = of
		}
	}
	return numbers, aliases, nil
}

func (c *compiler) callNumbers(a abi) (map[string]constant, map[string]string, error) {
	const prelude = "#include <asm/unistd.h>\n#undef __X32_SYSCALL_BIT\n#define __X32_SYSCALL_BIT 0\n"
	text, diag, ok, err := c.run(a, prelude, "-E", "-dM")
	if err != nil {
		return nil, nil, err
	}
	if !ok {
		return nil, nil, fmt.Errorf("preprocess: %s", firstError(diag))
	}
	var macros []string
	aliases := map[string]string{}
	for line := range strings.Lines(text) {
		fields := strings.Fields(line)
		if len(fields) < 3 || callName(fields[1]) == "" {
			continue
		}
		if of := callName(fields[2]); of != "" {
			aliases[callName(fields[1])] = of
			continue
		}
		macros = append(macros, fields[1])
	}
	values, err := c.evaluate(a, prelude, macros)
	if err != nil {
		return nil, nil, err
	}
	named := make(map[string]constant, len(values))
	for macro, k := range values {
		named[callName(macro)] = k
	}
	return named, aliases, nil
}

// callName turns __NR_read into read; macros that are not a call give "".
func callName(macro string) string {
	name, ok := strings.CutPrefix(macro, "__ARM_NR_")
	if !ok {
		name, ok = strings.CutPrefix(macro, "__NR_")
	}
	switch name {
	case "syscalls", "BASE", "SYSCALL_BASE", "OABI_SYSCALL_BASE", "SYSCALL_MASK", "arch_specific_syscall":
		return ""
	}
	if !ok {
		return ""
	}
	return name
}

func (w *factWriter) numbers(numbers factTable) error {
	var b strings.Builder
	b.WriteString(fileHeader(w.version, numbersText))
	for _, f := range numbers.sorted() {
		fields := make([]string, len(f.values))
		for i, k := range f.values {
			fields[i] = "-"
			if k != nil {
				fields[i] = k.decimal()
			}
		}
		fmt.Fprintf(&b, "%s %s\n", f.name, strings.Join(fields, " "))
	}
	return w.write("numbers.txt", b.String())
}
