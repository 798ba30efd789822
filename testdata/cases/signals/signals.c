/* Sends itself a signal that it handles, is woken by an alarm, and dies as its
 * argument says. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static volatile sig_atomic_t seen;
static void note(int sig) { seen = sig; }

int main(int argc, char **argv) {
	signal(SIGUSR1, note);
	signal(SIGALRM, note);
	kill(getpid(), SIGUSR1);
	printf("SIGUSR1 %d\n", seen == SIGUSR1);
	alarm(1);
	while (seen != SIGALRM)
		pause();
	puts("SIGALRM");
	fflush(stdout);
	if (argc > 1)
		kill(getpid(), atoi(argv[1]));
	return 0;
}
