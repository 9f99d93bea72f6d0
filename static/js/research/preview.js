// Makes time go four times as fast for the player of a preview, which is the very player of a session: its clock, what it
// waits for, its voice and its recordings. It has to run before the player does.

const TIMES = 4;
const FASTEST_VOICE = 4; // beyond it, voices fall silent

const realNow = performance.now.bind(performance);
const began = realNow();
performance.now = () => began + (realNow() - began) * TIMES;

const realTimeout = window.setTimeout.bind(window);
window.setTimeout = (then, ms = 0, ...rest) => realTimeout(then, ms / TIMES, ...rest);

const play = HTMLMediaElement.prototype.play;
HTMLMediaElement.prototype.play = function playFaster() {
  this.defaultPlaybackRate = this.playbackRate = TIMES;
  return play.call(this);
};

if (window.speechSynthesis) {
  const speak = speechSynthesis.speak.bind(speechSynthesis);
  speechSynthesis.speak = (utterance) => {
    utterance.rate = Math.min(FASTEST_VOICE, utterance.rate * TIMES);
    speak(utterance);
  };
}
