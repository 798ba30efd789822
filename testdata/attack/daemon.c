// A grandchild in a session of its own, whose parents are gone.
#include "attack.h"

int main(void)
{
	int p[2];
	honest();
	must(pipe(p));
	pid_t pid = must(fork());
	if (pid == 0) {
		setsid();
		if (fork() != 0)
			_exit(0);
		while (getppid() == pid)
			sched_yield();
		signal(SIGHUP, SIG_IGN);
		char *argv[] = {"evil", NULL};
		char got = is_secret(open("secret/key", O_RDONLY)) ? 'y' : 'n';
		must(write(p[1], &got, 1));
		execve("secret/evil", argv, argv + 1);
		_exit(1);
	}
	close(p[1]);
	exited(pid);
	char got = 0;
	if (read(p[0], &got, 1) != 1)
		broken("no word from the grandchild");
	// It is at its end when nobody has the pipe open any more.
	while (read(p[0], &(char){0}, 1) > 0)
		;
	if (got == 'y')
		won("the grandchild");
	lost("the grandchild was watched");
}
