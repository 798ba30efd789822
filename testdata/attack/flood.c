// So many questions that one answers them without looking: each is a call that is
// asked about, from several threads, for ten seconds at most.
#include "attack.h"
#include <time.h>

static long n, opened;

static void *ask(void *unused)
{
	time_t end = time(NULL) + 10;
	for (long i = 0; i < n / 4 && time(NULL) < end; i++)
		if (begins(open("open/file", O_RDONLY), "public"))
			__atomic_fetch_add(&opened, 1, __ATOMIC_RELAXED);
	return unused;
}

int main(int argc, char **argv)
{
	pthread_t t[4];
	n = tries(argc, argv);
	for (int i = 0; i < 4; i++)
		t[i] = start(ask, NULL);
	for (int i = 0; i < 4; i++)
		pthread_join(t[i], NULL);
	if (opened > 0)
		won("%ld of %ld", opened, n);
	lost("0 of %ld", n);
}
