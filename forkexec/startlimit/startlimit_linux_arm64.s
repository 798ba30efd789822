#include "textflag.h"

// func prlimit(old *rlimit) bool
TEXT ·prlimit(SB),NOSPLIT,$0-9
	MOVD	$261, R8
	MOVD	ZR, R0
	MOVD	$7, R1
	MOVD	ZR, R2
	MOVD	old+0(FP), R3
	SVC
	CMP	ZR, R0
	CSET	EQ, R0
	MOVB	R0, ret+8(FP)
	RET
