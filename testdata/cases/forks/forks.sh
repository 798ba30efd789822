# Processes that run at the same time and end in any order.
seq 3 | sort -r | tail -n 1 > last &
(echo one; exec cat in) > both &
wait
cat last both
