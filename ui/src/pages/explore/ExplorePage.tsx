// The list of traces and what filters it.
export default function ExplorePage() {
  return <main>Explore</main>;
}
