package main

import (
	"errors"
	"fmt"
	"maps"
	"runtime"
	"slices"
	"strings"
	"sync"
)

// headerFacts is what one header defines: for each ABI, in the order of abis,
// the names' values; nil where the ABI lacks the header.
type headerFacts struct {
	header string
	values []map[string]constant
	err    error // the header could not be read for some ABI
}

// extractHeaders reads all headers for all ABIs, on all processors. The result
// is in the order of headerNames.
func (c *compiler) extractHeaders() ([]headerFacts, error) {
	names, err := c.headerNames()
	if err != nil {
		return nil, err
	}
	facts := make([]headerFacts, len(names))
	work := make(chan int)
	var group sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		group.Go(func() {
			for i := range work {
				facts[i] = c.extractHeader(names[i])
			}
		})
	}
	for i := range names {
		work <- i
	}
	close(work)
	group.Wait()
	return facts, nil
}

func (c *compiler) extractHeader(header string) headerFacts {
	h := headerFacts{header: header, values: make([]map[string]constant, len(abis()))}
	for column, a := range abis() {
		var err error
		if h.values[column], err = c.headerConstants(a, header); err != nil {
			h.err = errors.Join(h.err, fmt.Errorf("read %s for %s: %w", header, a.name, err))
		}
	}
	return h
}

// headerConstants returns the constants that header defines for one ABI, none
// if the ABI does not have the header.
func (c *compiler) headerConstants(a abi, header string) (map[string]constant, error) {
	var first error
	for _, before := range preludes(header) {
		prelude := markIoctl + before + "#include <" + header + ">"
		text, diag, ok, err := c.run(a, prelude, "-E", "-dD")
		if err != nil {
			return nil, err
		}
		if lacksHeader(diag, header) {
			return nil, nil
		}
		if !ok {
			return nil, errors.New(firstError(diag))
		}
		definitions := scanDefinitions(text, func(path string) string { return c.rel(a, path) })
		names := ownNames(header, definitions)
		values, err := c.evaluate(a, prelude, names)
		if err == nil {
			c.evaluateRest(a, prelude, names, values)
			noteAliases(definitions, values)
			return values, nil
		}
		if first == nil {
			first = err
		}
	}
	return nil, first
}

func noteAliases(definitions []definition, values map[string]constant) {
	for _, d := range definitions {
		if k, found := values[d.name]; found && d.alias != "" {
			k.alias = d.alias
			values[d.name] = k
		}
	}
}

// evaluateRest adds the values of names that use what their own header does not
// declare, such as the size of a type in another header. What comes after the
// header is declared in time, for a macro is expanded where it is used. Headers
// that do not get on with these keep what they have.
func (c *compiler) evaluateRest(a abi, prelude string, names []string, values map[string]constant) {
	missing := slices.DeleteFunc(slices.Clone(names), func(name string) bool {
		_, found := values[name]
		return found
	})
	for _, after := range afterwards() {
		if len(missing) == 0 {
			return
		}
		more, err := c.evaluate(a, prelude+"\n"+after, missing)
		if err == nil {
			maps.Copy(values, more)
			return
		}
	}
}

// lacksHeader tells from clang's diagnostics that the architecture has no such
// header: neither this one nor, as with linux/kvm.h, its own part of it.
func lacksHeader(diag, header string) bool {
	return strings.Contains(diag, "'"+header+"' file not found") ||
		strings.Contains(diag, "'asm/"+strings.TrimPrefix(header, "linux/")+"' file not found")
}

// ownNames picks the names that header answers for, each once.
func ownNames(header string, definitions []definition) []string {
	seen := map[string]bool{}
	var names []string
	for _, d := range definitions {
		if owns(header, d.file) && !seen[d.name] && isWanted(d.name) {
			seen[d.name] = true
			names = append(names, d.name)
		}
	}
	return names
}

// isWanted leaves out names that only the C library and the headers themselves
// use. The few with two underscores that a tracer prints are kept.
func isWanted(name string) bool {
	if !strings.HasPrefix(name, "__") {
		return true
	}
	switch name {
	case "__O_SYNC", "__O_TMPFILE", "__WALL", "__WCLONE", "__WNOTHREAD":
		return true
	}
	return false
}

// conflict is a fact that lost to another header's of the same name.
type conflict struct {
	*fact
	winner string // header
}

// mergeFacts makes one table of all headers' names. Commands of ioctl are in
// both tables.
func mergeFacts(headers []headerFacts) (consts, ioctls factTable, conflicts []conflict) {
	consts, ioctls = factTable{}, factTable{}
	for _, h := range headers {
		for _, f := range h.table().sorted() {
			if f.isIoctl() && !ioctls.addCommand(f) {
				conflicts = append(conflicts, conflict{f, ioctls[f.name].header})
				continue
			}
			if strings.Contains(f.name, "(") {
				continue
			}
			if winner := consts[f.name]; winner == nil {
				consts[f.name] = f
			} else if !winner.absorb(f) {
				conflicts = append(conflicts, conflict{f, winner.header})
			}
		}
	}
	ioctls.addLibcCommands()
	ioctls.dropAliases()
	return consts, ioctls, conflicts
}

// table gathers what a header says about each name.
func (h headerFacts) table() factTable {
	t := factTable{}
	for column, values := range h.values {
		for name, k := range values {
			t.set(name, h.header, column, k)
		}
	}
	return t
}
