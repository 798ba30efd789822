/*
 * A program that is inside the vDSO for as long as it runs, to be stopped
 * there.
 */
#include <signal.h>
#include <time.h>
#include <unistd.h>

static volatile struct timespec last;

__attribute__((noinline)) void reads_clock(void)
{
	struct timespec t;
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t); /* which the vDSO makes a system call for */
	last = t;
}

int main(void)
{
	kill(getpid(), SIGURG);
	reads_clock();
	return 0;
}
