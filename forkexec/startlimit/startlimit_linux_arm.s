#include "textflag.h"

// func prlimit(old *rlimit) bool
TEXT ·prlimit(SB),NOSPLIT,$0-5
	MOVW	$369, R7
	MOVW	$0, R0
	MOVW	$7, R1
	MOVW	$0, R2
	MOVW	old+0(FP), R3
	SWI	$0
	MOVW	$0, R1
	CMP	$0, R0
	MOVW.EQ	$1, R1
	MOVB	R1, ret+4(FP)
	RET
