// As many processes at a time as the first argument says. Each opens what it may, is
// refused what it may not, and does both again when all are there. With "threads" before
// that number, it has as many threads.
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static int served(void)
{
	int fd = open("open/file", O_RDONLY);
	return fd >= 0 && close(fd) == 0 && open("secret/key", O_RDONLY) < 0 && errno == EACCES;
}

static int opened;

static void *thread(void *unused)
{
	int fd = open("open/file", O_RDONLY);
	if (fd >= 0)
		__atomic_fetch_add(&opened, 1, __ATOMIC_RELAXED);
	close(fd);
	return unused;
}

// threads has as many threads open a file at a time.
static int threads(int n)
{
	pthread_attr_t small;
	pthread_t *t = calloc(n, sizeof *t);
	pthread_attr_init(&small);
	pthread_attr_setstacksize(&small, 65536);
	for (int i = 0; i < n; i++)
		if (pthread_create(&t[i], &small, thread, NULL) != 0)
			return 2;
	for (int i = 0; i < n; i++)
		pthread_join(t[i], NULL);
	printf("%d\n", opened);
	return 0;
}

int main(int argc, char **argv)
{
	if (argc > 2)
		return threads(atoi(argv[2]));
	int n = argc > 1 ? atoi(argv[1]) : 0, ready[2], go[2], good = 0, status;
	char c;
	if (pipe(ready) != 0 || pipe(go) != 0)
		return 2;
	for (int i = 0; i < n; i++) {
		pid_t pid = fork();
		if (pid < 0) {
			printf("process %d: %d\n", i, errno);
			n = i;
			break;
		}
		if (pid == 0) {
			close(go[1]);
			int ok = served() && write(ready[1], "", 1) == 1;
			ok = read(go[0], &c, 1) == 0 && ok; // until the first one ends that
			_exit(ok && served() ? 0 : 1);
		}
	}
	for (int i = 0; i < n; i++)
		if (read(ready[0], &c, 1) != 1)
			return 3;
	open("secret/all", O_RDONLY); // tells the test
	close(go[1]);
	while (wait(&status) > 0)
		good += status == 0;
	printf("%d\n", good);
	return 0;
}
