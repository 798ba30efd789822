package main

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

const constsText = `
Constants: object-like macros and enumeration constants with an integer value.
  NAME value            the same for every ABI
  NAME v v v v v v      a column each for ` + abiColumns + `,
                        with - where an ABI lacks the name
Values are unsigned hexadecimal of the width of their C type; those from -0xffff
to 9 are decimal.

Left out: names that begin with two underscores (but for a few), call numbers
(numbers.txt), strings. Where headers disagree about a name, the lines at the
end, which are comments, say what the others have.
`

const ioctlsText = `
Commands of ioctl(2), and the header that defines each:
  NAME value # linux/fs.h            the same for every ABI
  NAME v v v v v v # linux/fs.h      a column each for ` + abiColumns + `,
                                     with - where an ABI lacks the name
Commands without _IO, _IOR, _IOW or _IOWR are picked by header and name, see
extract_ioctls.go. Macros with parameters, such as EVIOCGNAME(len), have
parentheses and the value they take with zeros: EVIOCGNAME() value.

Left out: names that are defined as another command's name (consts.txt has
them), and SIOCDEVPRIVATE or SIOCPROTOPRIVATE plus a number, which every device
and protocol has. scsi/ headers are libc's.
`

func writeHeaders(c *compiler, w *factWriter) error {
	headers, err := c.extractHeaders()
	if err != nil {
		return err
	}
	for _, h := range headers {
		if h.err != nil {
			fmt.Fprintf(w.log, "left out: %v\n", h.err)
		}
	}
	consts, ioctls, conflicts := mergeFacts(headers)
	if err := w.consts(consts, conflicts); err != nil {
		return err
	}
	return w.ioctls(ioctls)
}

func (w *factWriter) consts(consts factTable, conflicts []conflict) error {
	var b strings.Builder
	b.WriteString(fileHeader(w.version, constsText))
	for _, f := range consts.sorted() {
		fmt.Fprintf(&b, "%s %s\n", f.name, f.brief())
	}
	slices.SortFunc(conflicts, func(a, b conflict) int {
		return cmp.Or(strings.Compare(a.name, b.name), strings.Compare(a.header, b.header))
	})
	b.WriteString("\n# Values that lost: NAME value # header; the value above is from header\n")
	for _, x := range conflicts {
		fmt.Fprintf(&b, "# %s %s # %s; %s\n", x.name, x.fact.brief(), x.fact.header, x.winner)
	}
	return w.write("consts.txt", b.String())
}

func (w *factWriter) ioctls(ioctls factTable) error {
	var b strings.Builder
	b.WriteString(fileHeader(w.version, ioctlsText))
	for _, f := range ioctls.sorted() {
		fmt.Fprintf(&b, "%s %s # %s\n", f.name, f.brief(), f.header)
	}
	return w.write("ioctls.txt", b.String())
}
