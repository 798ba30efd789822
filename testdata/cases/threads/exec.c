/* A thread that is not the first one starts another program in place of its own. */
#include <fcntl.h>
#include <pthread.h>
#include <unistd.h>

static void *run(void *unused)
{
	(void)unused;
	open("from-thread", O_RDONLY);
	execlp("sh", "sh", "-c", "echo instead > out; exit 3", (char *)0);
	_exit(1);
}

int main(void)
{
	pthread_t t;

	if (pthread_create(&t, 0, run, 0))
		return 1;
	pthread_join(t, 0);
	return 2;
}
