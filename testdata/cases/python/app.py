import json, os, tempfile, threading

with tempfile.NamedTemporaryFile("w", delete=False) as f:
    json.dump({"a": 1}, f)
os.rename(f.name, "result.json")
t = threading.Thread(target=lambda: open("thread.txt", "w").close())
t.start()
t.join()
print(json.load(open("result.json")))
