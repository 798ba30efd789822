#include "textflag.h"

// func prlimit(old *rlimit) bool
TEXT ·prlimit(SB),NOSPLIT,$0-5
	MOVL	$340, AX
	XORL	BX, BX
	MOVL	$7, CX
	XORL	DX, DX
	MOVL	old+0(FP), SI
	INT	$0x80
	TESTL	AX, AX
	SETEQ	ret+4(FP)
	RET
