#include "textflag.h"

// func prlimit(old *rlimit) bool
TEXT ·prlimit(SB),NOSPLIT,$0-9
	MOVL	$302, AX
	XORL	DI, DI
	MOVL	$7, SI
	XORL	DX, DX
	MOVQ	old+0(FP), R10
	SYSCALL
	TESTQ	AX, AX
	SETEQ	ret+8(FP)
	RET
