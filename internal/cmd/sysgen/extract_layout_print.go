package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
)

// runLayout prints where the fields of a C type are, for every ABI.
func runLayout(args []string, stdout, stderr io.Writer) error {
	flags := flag.NewFlagSet("layout", flag.ContinueOnError)
	flags.SetOutput(stderr)
	headers := flags.String("headers", "", "`directory` that holds the UAPI headers (or include/ with them)")
	header := flags.String("header", "", "the `header` to include, as in linux/stat.h; several separated by commas")
	flags.Usage = func() {
		fmt.Fprintln(stderr, "usage: sysgen layout -headers DIR -header linux/stat.h 'struct statx' [field...]")
		flags.PrintDefaults()
	}
	if err := flags.Parse(args); err != nil {
		return err
	}
	if *headers == "" || *header == "" || flags.NArg() == 0 {
		flags.Usage()
		return errors.New("layout: -headers, -header or the type is missing")
	}
	query := StructQuery{Header: *header, Type: flags.Arg(0), Fields: flags.Args()[1:]}
	found, err := layouts(*headers, []StructQuery{query})
	if err != nil {
		return fmt.Errorf("layout: %w", err)
	}
	for _, layout := range found {
		if err := printLayout(stdout, layout); err != nil {
			return fmt.Errorf("layout: %w", err)
		}
	}
	return nil
}

// printLayout writes a table: offset+size for each ABI, offset:bit-bit for
// a bit-field, and size/alignment for the whole.
func printLayout(w io.Writer, layout StructLayout) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintf(t, "offset+size\t%s\n", strings.Join(strings.Fields(abiColumns), "\t"))
	for _, f := range layout.Fields {
		fmt.Fprintf(t, "%s\t%s\n", f.Name, placeColumns(f.Places))
	}
	fmt.Fprintf(t, "%s\t%s\n", layout.Type, placeColumns(layout.Whole))
	return t.Flush()
}

func placeColumns(places []Place) string {
	fields := make([]string, len(places))
	for i, p := range places {
		switch {
		case !p.Known:
			fields[i] = "-"
		case p.Align != 0:
			fields[i] = fmt.Sprintf("%d/%d", p.Size, p.Align)
		case p.Bits != 0:
			fields[i] = fmt.Sprintf("%d:%d-%d", p.Offset, p.Bit, p.Bit+p.Bits-1)
		default:
			fields[i] = fmt.Sprintf("%d+%d", p.Offset, p.Size)
		}
	}
	return strings.Join(fields, "\t")
}
