// Plays a recording: the transcript and the timeline follow it, words and buttons seek in it.
"use strict";

(() => {
  const STEP_S = 2;
  const JUMP_S = 0.5; // more than passes between two frames
  const audio = document.getElementById("audio") || new Audio();
  const timeline = document.getElementById("timeline");
  const playhead = document.getElementById("playhead");
  const words = [...document.querySelectorAll(".w")];
  const starts = words.map((word) => Number(word.dataset.start));
  let until = Infinity; // where a moment that is played ends
  let wanted = 0; // where to be once the recording is known
  let now = null;

  function show(time) {
    if (timeline) {
      playhead.setAttribute("x", `${(100 * time) / Number(timeline.dataset.duration)}%`);
    }
    const at = starts.findLastIndex((start) => start <= time);
    const word = at >= 0 && time <= Number(words[at].dataset.end) ? words[at] : null;
    if (word !== now) {
      now?.classList.remove("now");
      word?.classList.add("now");
      now = word;
    }
  }

  function turn(side) {
    const link = document.getElementById(side);
    if (!link.hidden) link.click();
  }

  function seek(time) {
    wanted = Math.max(0, time);
    if (audio.readyState) audio.currentTime = wanted;
    show(wanted);
  }

  function play(start, end = Infinity) {
    until = end;
    seek(start);
    // Nobody's gesture, or a recording that cannot be played: the reader stays at the moment.
    audio.play().catch(() => {});
  }

  function follow() {
    if (audio.currentTime >= until) {
      // Who has gone far past the end of the moment means to hear on.
      if (audio.currentTime < until + JUMP_S) audio.pause();
      until = Infinity;
    }
    show(audio.currentTime);
    if (!audio.paused) requestAnimationFrame(follow);
  }

  function openMoment() {
    const moment = /^#t=(\d+(?:\.\d+)?)$/.exec(location.hash);
    if (moment) seek(Number(moment[1]));
  }

  audio.addEventListener("loadedmetadata", () => seek(wanted));
  audio.addEventListener("play", follow);
  audio.addEventListener("seeked", () => show(audio.currentTime));
  audio.addEventListener("pause", () => {
    if (timeline) history.replaceState(null, "", `#t=${audio.currentTime.toFixed(1)}`);
  });
  audio.addEventListener("error", () => {
    const note = document.getElementById("unplayable");
    if (note) note.hidden = false;
  });
  window.addEventListener("hashchange", openMoment);

  timeline?.addEventListener("click", (event) => {
    const box = timeline.getBoundingClientRect();
    seek(((event.clientX - box.left) / box.width) * Number(timeline.dataset.duration));
  });

  document.addEventListener("click", (event) => {
    const word = event.target.closest(".w");
    const button = event.target.closest("[data-seek]");
    if (word) play(Number(word.dataset.start));
    if (!button) return;
    const source = button.dataset.audio;
    if (source && audio.getAttribute("src") !== source) audio.src = source;
    play(Number(button.dataset.seek), Number(button.dataset.until || Infinity));
  });

  // Inside a list that was filtered, previous and next are those of that list.
  function followList() {
    let pages = [];
    try {
      pages = JSON.parse(sessionStorage.getItem("vmaudit-order") || "[]");
    } catch {
      return;
    }
    const at = pages.indexOf(location.pathname.split("/").pop());
    if (at < 0) return;
    document.getElementById("place").textContent = `${at + 1} of ${pages.length} in the list`;
    for (const [side, page] of [["prev", pages[at - 1]], ["next", pages[at + 1]]]) {
      const link = document.getElementById(side);
      link.hidden = !page;
      if (page) link.href = page;
    }
  }

  const keys = {
    " ": () => (audio.paused ? play(audio.currentTime || wanted) : audio.pause()),
    ArrowLeft: () => seek(audio.currentTime - STEP_S),
    ArrowRight: () => seek(audio.currentTime + STEP_S),
    j: () => turn("next"),
    k: () => turn("prev"),
  };

  document.addEventListener("keydown", (event) => {
    const typing = event.target.closest("button, a, summary, input, select, audio, .scroll");
    const key = keys[event.key];
    if (!key || !timeline || event.ctrlKey || event.metaKey || event.altKey) return;
    if (typing && event.key.length > 1) return; // arrows scroll and move there
    if (typing && event.key === " ") return; // space presses it
    event.preventDefault();
    key();
  });

  if (timeline) followList();
  openMoment();
})();
