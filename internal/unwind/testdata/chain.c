/*
 * A program that walks a known chain of calls and raises SIGURG at the end of
 * it, where a tracer stops it. The scenario is the first argument.
 */
#define _GNU_SOURCE
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define NOINLINE __attribute__((noinline, noclone))
#define KEEP __asm__ volatile("" ::: "memory")

static volatile int sink;

NOINLINE void stop_here(void) { kill(getpid(), SIGURG); KEEP; }

NOINLINE int third(int n) { stop_here(); KEEP; return n + 1; }
NOINLINE int second(int n) { volatile char room[1000]; room[n] = 1; int r = third(n); KEEP; return r + room[n]; }
NOINLINE int first(int n)
{
	volatile char *room = __builtin_alloca(n * 16);
	room[0] = 2;
	int r = second(n);
	KEEP;
	return r + room[0];
}

NOINLINE int recurse(int n)
{
	if (n == 0) {
		stop_here();
		return 1;
	}
	int r = recurse(n - 1) + 1;
	KEEP;
	return r;
}

NOINLINE void handler(int sig) { sink = sig; stop_here(); KEEP; }
NOINLINE void faulting(void) { *(volatile int *)16 = 1; KEEP; }
NOINLINE void segv(int sig) { sink = sig; stop_here(); _exit(0); }

NOINLINE int compare(const void *a, const void *b)
{
	static int once;
	if (!once++)
		stop_here();
	return *(const int *)a - *(const int *)b;
}

NOINLINE __attribute__((noreturn)) void never(void) { stop_here(); _exit(0); }
NOINLINE void calls_never(void) { KEEP; never(); }

static const unsigned char getpid_ret[] = { 0xcc, 0xc3 }; /* int3; ret: SIGTRAP */

NOINLINE void jit(void)
{
	void *p = mmap(0, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	memcpy(p, getpid_ret, sizeof getpid_ret);
	((void (*)(void))p)();
	KEEP;
}

int main(int argc, char **argv)
{
	const char *what = argc > 1 ? argv[1] : "chain";
	int v[] = { 3, 1, 2 };

	if (!strcmp(what, "chain"))
		sink = first(7);
	else if (!strcmp(what, "recurse"))
		sink = recurse(atoi(argv[2]));
	else if (!strcmp(what, "signal")) {
		signal(SIGUSR1, handler);
		kill(getpid(), SIGUSR1);
	} else if (!strcmp(what, "altstack")) {
		stack_t ss = { .ss_sp = malloc(65536), .ss_size = 65536 };
		struct sigaction sa = { .sa_handler = segv, .sa_flags = SA_ONSTACK };
		sigaltstack(&ss, 0);
		sigaction(SIGSEGV, &sa, 0);
		faulting();
	} else if (!strcmp(what, "qsort"))
		qsort(v, 3, sizeof v[0], compare);
	else if (!strcmp(what, "noreturn"))
		calls_never();
	else if (!strcmp(what, "jit"))
		jit();
	else if (!strcmp(what, "unlink")) {
		unlink(argv[0]);
		sink = first(7);
	}
	return 0;
}
