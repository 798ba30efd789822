package main

import (
	"math"
	"strconv"
	"strings"
	"time"
)

// spaces are those that strtol(3) skips, in the C locale.
const spaces = " \t\n\v\f\r"

// scanUint reads an unsigned decimal number from the front of s as strtol(3)
// does: blanks and a sign may stand before it. It returns what follows.
func scanUint(s string) (n uint64, rest string, ok bool) {
	s = strings.TrimLeft(s, spaces)
	digits := s
	negative := strings.HasPrefix(s, "-")
	if negative || strings.HasPrefix(s, "+") {
		digits = s[1:]
	}
	end := 0
	for end < len(digits) && digits[end] >= '0' && digits[end] <= '9' {
		end++
	}
	n, err := strconv.ParseUint(digits[:end], 10, 64)
	if err != nil || negative && n != 0 {
		return 0, "", false
	}
	return n, digits[end:], true
}

// parseUint reads a whole word as a number up to most.
func parseUint(s string, most uint64) (uint64, bool) {
	n, rest, ok := scanUint(s)
	return n, ok && rest == "" && n <= most
}

// parseWord64 reads a 64-bit word as strtoull(3) with base 0 does: decimal,
// 0x, 0b or octal after 0, with a sign or not; a negative number is its
// two's complement.
func parseWord64(s string) (uint64, bool) {
	s = strings.TrimLeft(s, spaces)
	negative := strings.HasPrefix(s, "-")
	if negative || strings.HasPrefix(s, "+") {
		s = s[1:]
	}
	base := 10
	switch lower := strings.ToLower(s); {
	case strings.HasPrefix(lower, "0x"):
		base, s = 16, s[2:]
	case strings.HasPrefix(lower, "0b"):
		base, s = 2, s[2:]
	case len(s) > 1 && s[0] == '0':
		base = 8
	}
	n, err := strconv.ParseUint(s, base, 64)
	if err != nil {
		return 0, false
	}
	if negative {
		n = -n
	}
	return n, true
}

// parseTime reads a time: a decimal number, and s, ms, us (if it has no unit)
// or ns. A number without a point or an exponent has to fit 64 bits. What is longer than a time.Duration can say is the longest one.
func parseTime(s string) (time.Duration, bool) {
	s = strings.TrimLeft(s, spaces)
	end := len(s) - len(strings.TrimLeft(s, "+-0123456789.eE"))
	number, unit := s[:end], time.Microsecond
	switch s[end:] {
	case "":
	case "s":
		unit = time.Second
	case "ms":
		unit = time.Millisecond
	case "us":
	case "ns":
		unit = time.Nanosecond
	default:
		return 0, false
	}
	if !strings.ContainsAny(number, ".eE") {
		if _, err := strconv.ParseInt(number, 10, 64); err != nil {
			return 0, false
		}
	}
	const smallest = 0x1p-1022 // below it strtod(3) reports an underflow
	f, err := strconv.ParseFloat(number, 64)
	if err != nil || f < 0 {
		return 0, false
	}
	if mantissa, _, _ := strings.Cut(strings.ToLower(number), "e"); f < smallest && strings.ContainsAny(mantissa, "123456789") {
		return 0, false
	}
	ns := f * float64(unit)
	if ns >= math.MaxInt64 {
		return math.MaxInt64, true
	}
	return time.Duration(ns), true
}
