#include "textflag.h"

// func prlimit(old *rlimit) bool
TEXT ·prlimit(SB),NOSPLIT,$0-9
	MOV	$261, A7
	MOV	ZERO, A0
	MOV	$7, A1
	MOV	ZERO, A2
	MOV	old+0(FP), A3
	ECALL
	SEQZ	A0, A0
	MOVB	A0, ret+8(FP)
	RET
