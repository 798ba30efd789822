package main

import (
	"math"
	"strconv"
	"strings"
)

// findColumn finds a column of the table by one of its names.
func findColumn(name string) (column, bool) {
	switch name {
	case "time-percent", "time":
		return columnTimePercent, true
	case "total-time", "time-total":
		return columnTimeTotal, true
	case "min-time", "shortest", "time-min":
		return columnTimeMin, true
	case "max-time", "longest", "time-max":
		return columnTimeMax, true
	case "avg-time", "time-avg":
		return columnTimeAvg, true
	case "wall-total", "total-wall":
		return columnWallTotal, true
	case "wall-min", "min-wall":
		return columnWallMin, true
	case "wall-max", "max-wall":
		return columnWallMax, true
	case "wall-avg", "avg-wall":
		return columnWallAvg, true
	case "calls", "count":
		return columnCalls, true
	case "errors", "error":
		return columnErrors, true
	case "name", "syscall", "syscall-name":
		return columnName, true
	}
	if digits, ok := strings.CutPrefix(name, "p"); ok {
		return findPercentile(digits)
	}
	return 0, false
}

// findPercentile reads the number of a column such as p50 or p99.9.
func findPercentile(digits string) (column, bool) {
	f, err := strconv.ParseFloat(digits, 64)
	mille := math.Round(f * 10)
	if err != nil || strings.Trim(digits, "0123456789.") != "" || mille < 1 || mille > 999 {
		return 0, false
	}
	return columnPercentile + column(mille), true
}

func (p *parser) sortBy(arg argument) error {
	if arg.value == "nothing" || arg.value == "none" {
		p.o.SortBy = columnNothing
		return nil
	}
	c, ok := findColumn(arg.value)
	if !ok {
		return badUsage("invalid sortby: '%s'", arg.value)
	}
	p.o.SortBy = c
	return nil
}

// tableColumns is -U: each replaces the one before. The name is always there,
// last if it is not given.
func (p *parser) tableColumns(arg argument) error {
	var table []column
	seen := map[column]bool{}
	names := strings.Split(arg.value, ",")
	for i, name := range names {
		c, ok := findColumn(name)
		if !ok {
			return badUsage("unknown column name: '%s'", name)
		}
		if seen[c] {
			return badUsage("call summary column has been provided more than once: '%s' (-U option residual: '%s')",
				name, strings.Join(names[i:], ","))
		}
		seen[c] = true
		table = append(table, c)
	}
	if !seen[columnName] {
		table = append(table, columnName)
	}
	p.o.Table = table
	return nil
}
