package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// runCheckLayout compares where the description language puts the fields of
// structures with where clang puts those of the kernel's structures that have
// the same names.
func runCheckLayout(args []string, stdout, stderr io.Writer) (err error) {
	flags := flag.NewFlagSet("check-layout", flag.ContinueOnError)
	flags.SetOutput(stderr)
	headers := flags.String("headers", "", "`directory` that holds the UAPI headers (or include/ with them)")
	dir := flags.String("dir", ".", "`directory` of package syscalls")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if *headers == "" {
		return errors.New("check-layout: -headers is missing")
	}
	w, err := readWorld(filepath.Join(*dir, "desc"))
	if err != nil {
		return fmt.Errorf("check-layout: %w", err)
	}
	c, err := newCompiler(*headers)
	if err != nil {
		return fmt.Errorf("check-layout: %w", err)
	}
	defer func() { err = errors.Join(err, c.close()) }()
	result, err := c.checkLayouts(w)
	if err != nil {
		return fmt.Errorf("check-layout: %w", err)
	}
	fmt.Fprintf(stdout, "%d structures compared; not in the headers: %v\n", len(result.compared), result.unknown)
	for _, line := range result.differences {
		fmt.Fprintln(stdout, line)
	}
	if n := len(result.differences); n > 0 {
		return fmt.Errorf("check-layout: %d differences", n)
	}
	return nil
}

// layoutCheck is the outcome of comparing all structures.
type layoutCheck struct {
	compared    []string
	unknown     []string // described, and in no header
	differences []string
}

func (c *compiler) checkLayouts(w *world) (layoutCheck, error) {
	var result layoutCheck
	headers, err := c.structHeaders()
	if err != nil {
		return result, err
	}
	described := w.describedLayouts()
	for _, name := range slices.Sorted(maps.Keys(described)) {
		columns := described[name]
		kernel, found := c.kernelLayout(name, headers[name], columns)
		if !found {
			result.unknown = append(result.unknown, name)
			continue
		}
		result.compared = append(result.compared, name)
		for column, ours := range columns {
			if ours != nil && kernel.Whole[column].Known {
				result.differences = append(result.differences, compareLayouts(ours, kernel, column)...)
			}
		}
	}
	return result, nil
}

// kernelLayout asks for the described fields, in the first header that has the
// structure complete.
func (c *compiler) kernelLayout(name string, headers []string, columns []*structLayout) (StructLayout, bool) {
	fields := map[string]bool{}
	for _, ours := range columns {
		if ours == nil {
			continue
		}
		for field := range ours.off {
			fields[field] = true
		}
	}
	for _, header := range headers {
		query := StructQuery{Header: header, Type: "struct " + name, Fields: slices.Sorted(maps.Keys(fields))}
		if layout, err := c.layout(query); err == nil {
			return layout, true
		}
	}
	return StructLayout{}, false
}

// compareLayouts says where one ABI's column differs. Fields that only the
// description has (a union seen as fields, a name of its own) are no difference,
// nor are spare ones, whose names begin with two underscores.
func compareLayouts(ours *structLayout, kernel StructLayout, column int) (differences []string) {
	on := abis()[column].name
	for _, f := range kernel.Fields {
		off, described := ours.off[f.Name]
		if !described || !f.Places[column].Known || off == dynOff || strings.HasPrefix(f.Name, "__") {
			continue
		}
		if int(off) != f.Places[column].Offset {
			differences = append(differences, fmt.Sprintf("%s: %s is at %d, the kernel has it at %d on %s",
				kernel.Type, f.Name, off, f.Places[column].Offset, on))
		}
	}
	if size := kernel.Whole[column].Size; !ours.dynamic && int(ours.size) != size {
		differences = append(differences, fmt.Sprintf("%s: size is %d, the kernel's is %d on %s",
			kernel.Type, ours.size, size, on))
	}
	return differences
}

// describedLayouts returns the layouts of every described structure, by ABI; nil
// where an ABI lacks the structure.
func (w *world) describedLayouts() map[string][]*structLayout {
	described := map[string][]*structLayout{}
	for abi := range abiNames {
		u := &unit{
			world: w, prog: newProgram(), abi: abi, m: &abiModels[abi],
			layoutOf: map[*structStmt]*structLayout{}, structID: map[*structStmt]*structRef{},
			attrsID: map[*attrsStmt]*structRef{},
		}
		for name, variants := range w.structs {
			s, ok := variants.on(abi)
			if !ok {
				continue
			}
			if described[name] == nil {
				described[name] = make([]*structLayout, numABI)
			}
			u.catch(func() { ifPresent(func() { described[name][abi] = u.layout(s) }) })
		}
	}
	return described
}

// structHeaders finds the headers that define each structure, in the order of
// headerNames. What an asm-generic header defines is looked for in the
// architecture's.
func (c *compiler) structHeaders() (map[string][]string, error) {
	names, err := c.headerNames()
	if err != nil {
		return nil, err
	}
	found := map[string][]string{}
	for _, name := range names {
		files := []string{filepath.Join(c.include, name)}
		if base, isArch := strings.CutPrefix(name, "asm/"); isArch {
			files = append(files, filepath.Join(c.include, "asm-generic", base))
		}
		for _, a := range abis() {
			files = append(files, filepath.Join(c.include, a.dir, name))
		}
		for _, defined := range structsDefined(files) {
			if !slices.Contains(found[defined], name) {
				found[defined] = append(found[defined], name)
			}
		}
	}
	return found, nil
}

// structsDefined returns the structures that the files, as many as are there,
// define with a name of their own.
func structsDefined(files []string) (names []string) {
	definition := regexp.MustCompile(`(?m)^\s*struct\s+(\w+)\s*\{`)
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			continue
		}
		for _, m := range definition.FindAllStringSubmatch(string(text), -1) {
			names = append(names, m[1])
		}
	}
	return names
}
