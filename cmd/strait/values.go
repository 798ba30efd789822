package main

// The values of options that are one of a few words.

type daemonize int

const (
	daemonizeNo daemonize = iota
	daemonizeGrandchild
	daemonizeProcessGroup
	daemonizeSession
)

// interruptible is the fatal-signal policy of -I.
type interruptible int

const (
	interruptAnywhere  interruptible = 1 + iota // no signal is blocked
	interruptWaiting                            // blocked while a call is decoded
	interruptNever                              // always blocked
	interruptNeverTSTP                          // SIGTSTP too
)

// precision is a number of digits after the point of a second.
type precision int

const (
	precisionS  precision = 0
	precisionMS precision = 3
	precisionUS precision = 6
	precisionNS precision = 9
)

// absoluteTime is what -t asks for: nothing, the time of day or Unix time.
type absoluteTime struct {
	format timeFormat
	prec   precision
}

type timeFormat int

const (
	timeNone timeFormat = iota
	timeOfDay
	timeUnix
)

type kvmDetail int

const (
	kvmNone   kvmDetail = iota
	kvmReason           // the exit reason of a virtual CPU
	kvmRun              // struct kvm_run before and after
)

// seLinux says how security contexts are printed.
type seLinux struct {
	on, full, mismatch bool
}

type decodeFDs uint

const (
	fdPath decodeFDs = 1 << iota
	fdSocket
	fdDev
	fdEventfd
	fdPidfd
	fdSignalfd
	fdAll decodeFDs = 1<<iota - 1
)

type decodePIDs uint

const (
	pidComm decodePIDs = 1 << iota
	pidNamespace
	pidAll decodePIDs = 1<<iota - 1
)

// hexStyle is what -x asks for.
type hexStyle int

const (
	hexNone hexStyle = iota
	hexNonASCIIChars
	hexNonASCII
	hexAll
)

// constStyle is what -X asks for.
type constStyle int

const (
	constRaw constStyle = iota
	constAbbrev
	constVerbose
)

type stackTrace int

const (
	stackNone stackTrace = iota
	stackSymbol
	stackSource
)

// quiet is the set of messages not to be printed.
type quiet uint

const (
	quietAttach quiet = 1 << iota
	quietExit
	quietPathResolution
	quietPersonality
	quietThreadExecve
	quietAll quiet = 1<<iota - 1
)

type colorWhen int

const (
	colorAuto colorWhen = iota
	colorAlways
	colorNever
)

// placement is where tracer and tracees run.
type placement int

const (
	placementAuto placement = iota
	placementTogether
	placementFree
)

type summaryMode int

const (
	summaryNone summaryMode = iota
	summaryOnly             // -c
	summaryToo              // -C
)

// column is a column of the -c table, and a key to sort it by.
type column int

const (
	columnNothing column = iota // a key only: unsorted
	columnTimePercent
	columnTimeTotal
	columnTimeMin
	columnTimeMax
	columnTimeAvg
	columnWallTotal
	columnWallMin
	columnWallMax
	columnWallAvg
	columnCalls
	columnErrors
	columnName
	columnPercentile // and its number of per mille: columnPercentile + 999 is p99.9
)

// percentile returns n/1000 for a percentile column pN, and whether it is one.
func (c column) percentile() (float64, bool) {
	return float64(c-columnPercentile) / 1000, c > columnPercentile
}

func defaultColumns() []column {
	return []column{columnTimePercent, columnTimeTotal, columnTimeAvg, columnCalls, columnErrors, columnName}
}

// outcomes is a set of ways in which a call may end.
type outcomes uint

const (
	outcomeSuccessful outcomes = 1 << iota
	outcomeFailed
	outcomeUnfinished
	outcomeUnavailable
	outcomeDetached
	outcomesAll outcomes = 1<<iota - 1
)

// tipStyle is what --tips asks for. The zero value is no tip.
type tipStyle struct {
	id     int // -1: any
	format tipFormat
}

type tipFormat int

const (
	tipNone tipFormat = iota
	tipCompact
	tipFull
)
