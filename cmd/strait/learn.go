package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"

	"strait/policy"
)

// learnVerb is strait learn.
func learnVerb() *policyVerb {
	return &policyVerb{
		"learn", "-o POLICY [--] PROG [ARG]...", 1, -1,
		"run a program and write the smallest policy under which it works", learnSetup,
	}
}

func learnMain(e *environment, args []string, stdout, stderr io.Writer) int {
	v := newPolicyCommand(e.Name+" learn", stdout, stderr)
	v.flags.SetInterspersed(false)
	return v.carryOut(learnVerb(), args)
}

// A lesson is one strait learn.
type lesson struct {
	v      *policyCommand
	out    string // the policy's file; "-": standard output
	record string // what was seen, over all runs; "": not kept
	limits *policy.LearnOptions
	verify bool
	all    bool

	file *policy.File // as it stands; nil: there is none
	base *policy.File // without what was learnt
	rec  policy.Recording
	gone []policy.Observation // seen once, and taken out of the policy by hand
	seen int                  // calls in this run that were beyond the policy
}

func learnSetup(v *policyCommand) func() (int, error) {
	s := &lesson{v: v}
	v.flags.StringVarP(&s.out, "output", "o", "", "write the policy to `FILE`; what it has already stays, and earlier runs count")
	v.flags.StringVar(&s.record, "record", "", "keep what was seen in `FILE` (the policy's with .seen behind it); none: nowhere")
	v.flags.BoolVar(&s.verify, "verify", false, "run the program once more, under the policy")
	v.flags.BoolVarP(&s.all, "all", "a", false, "show all that was observed beside what is granted, not only what was widened")
	s.limits = v.learnLimits()
	v.machine()
	return func() (int, error) { return s.learn() }
}

// learn runs the program, learns, writes, and verifies.
func (s *lesson) learn() (int, error) {
	if s.out == "" {
		return 0, badUsage("say with -o where the policy goes; -o - prints it")
	}
	if err := s.begin(); err != nil {
		return 0, err
	}
	status, err := s.observe()
	if err != nil {
		return 0, err
	}
	learned, err := s.policy()
	if err != nil {
		return 0, err
	}
	if err := s.write(learned); err != nil {
		return 0, err
	}
	s.report(learned, status)
	if len(learned.Failed) > 0 {
		return statusNo, nil
	}
	if s.verify {
		return s.verified(learned)
	}
	return statusYes, nil
}

// begin reads what earlier runs have left.
func (s *lesson) begin() error {
	switch s.record {
	case "":
		if s.out != "-" {
			s.record = s.out + ".seen"
		}
	case "none":
		s.record = ""
	}
	if s.record != "" {
		src, err := os.ReadFile(s.record)
		switch {
		case errors.Is(err, fs.ErrNotExist):
		case err != nil:
			return err
		default:
			rec, err := policy.ReadRecording(bytes.NewReader(src))
			if err != nil {
				return fmt.Errorf("%s: %w", s.record, err)
			}
			s.rec = *rec
		}
	}
	if s.out == "-" {
		return nil
	}
	p, err := s.v.load(s.out)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		// The policy was thrown away, so what was seen for it is too.
		s.rec = policy.Recording{}
		return nil
	case err != nil:
		return err
	}
	s.file, s.base = p.File, s.rec.Unlearnt(p.File)
	s.gone, err = s.rec.Forget(p)
	return err
}

// policy learns from all runs.
func (s *lesson) policy() (*policy.Learned, error) {
	o := *s.limits
	o.Options, o.Base = s.v.options(), s.base
	learned, err := policy.Learn(s.rec.Observations, o)
	if err != nil {
		return nil, err
	}
	s.rec.Learnt(learned)
	return learned, nil
}

// write writes the policy, and then what it rests on: if only the first comes to
// pass, rules that were learnt count as written by hand, and nothing is lost.
func (s *lesson) write(l *policy.Learned) error {
	if err := s.v.write(s.out, l.File.Format()); err != nil {
		return err
	}
	if s.record == "" {
		return nil
	}
	return replaceFile(s.record, s.rec.Append(nil))
}
